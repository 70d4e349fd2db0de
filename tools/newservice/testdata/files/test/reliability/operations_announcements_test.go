package reliability_test

import (
	"context"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

func announcementOperations() []operation {
	has := func(text string) func(*ldapitest.Server) int {
		return func(s *ldapitest.Server) int {
			return count(s.Announcements(), func(n ldapitest.Announcement) bool { return n.Text == text })
		}
	}
	return []operation{
		{id: "getAnnouncements", method: "GET", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			page, _, err := c.AnnouncementsApi.GetAnnouncements(ctx).Execute()
			return page, err
		}, right: func(_ *ldapitest.Server, result any) bool { return len(result.(*ldapi.Announcements).Items) == 1 }},
		{id: "postAnnouncement", method: "POST", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			post := ldapi.NewAnnouncementPost(newKey, "posted")
			created, _, err := c.AnnouncementsApi.PostAnnouncement(ctx).AnnouncementPost(*post).Execute()
			return created, err
		}, effects: has("posted"), right: func(_ *ldapitest.Server, result any) bool {
			return result.(*ldapi.Announcement).AnnouncementKey == newKey
		}},
		{id: "getAnnouncement", method: "GET", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			found, _, err := c.AnnouncementsApi.GetAnnouncement(ctx, "maintenance").Execute()
			return found, err
		}, right: func(_ *ldapitest.Server, result any) bool {
			return result.(*ldapi.Announcement).GetLevel() == "warning"
		}},
		{id: "patchAnnouncement", method: "PATCH", call: func(ctx context.Context, c *ldapi.APIClient) (any, error) {
			patch := []ldapi.PatchOperation{{Op: "replace", Path: "/text", Value: "patched"}}
			patched, _, err := c.AnnouncementsApi.PatchAnnouncement(ctx, "maintenance").PatchOperation(patch).Execute()
			return patched, err
		}, effects: has("patched"), right: func(_ *ldapitest.Server, result any) bool {
			return result.(*ldapi.Announcement).Text == "patched"
		}},
	}
}
