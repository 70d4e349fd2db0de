package ldapi_test

import (
	"context"
	"net/http"

	"github.com/ldapi-go/ldapi"
)

func announcementOperations() []operation {
	const service = "AnnouncementsApi"
	return []operation{
		{id: "getAnnouncements", service: service, method: "GET", route: "/api/v2/announcements",
			success: 200, reply: "announcements_page",
			call: func(c *ldapi.APIClient, ctx context.Context, _ string) (any, *http.Response, error) {
				return outcome(c.AnnouncementsApi.GetAnnouncements(ctx).Execute())
			}},
		{id: "postAnnouncement", service: service, method: "POST", route: "/api/v2/announcements",
			content: jsonContent, body: `{"announcementKey":"holidays","text":"The office is closed."}`,
			success: 201, reply: "announcement",
			call: func(c *ldapi.APIClient, ctx context.Context, _ string) (any, *http.Response, error) {
				post := ldapi.NewAnnouncementPost("holidays", "The office is closed.")
				return outcome(c.AnnouncementsApi.PostAnnouncement(ctx).AnnouncementPost(*post).Execute())
			}},
		{id: "getAnnouncement", service: service, method: "GET", route: "/api/v2/announcements/{announcementKey}",
			success: 200, reply: "announcement",
			call: func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error) {
				return outcome(c.AnnouncementsApi.GetAnnouncement(ctx, id).Execute())
			}},
		{id: "patchAnnouncement", service: service, method: "PATCH", route: "/api/v2/announcements/{announcementKey}",
			content: jsonContent, body: `[{"op":"add","path":"/role","value":"writer"}]`,
			success: 200, reply: "announcement",
			call: func(c *ldapi.APIClient, ctx context.Context, id string) (any, *http.Response, error) {
				return outcome(c.AnnouncementsApi.PatchAnnouncement(ctx, id).PatchOperation(rolePatch("add")).Execute())
			}},
	}
}
