package conformance

import "github.com/ldapi-go/ldapi"

func (p *play) announcements() {
	api := p.client.AnnouncementsApi
	all, err := api.GetAnnouncements(p.ctx).Severity("warning").Collect()
	p.say("announcements", all, err)
	created, _, err := api.PostAnnouncement(p.ctx).AnnouncementPost(*ldapi.NewAnnouncementPost("k", "größe")).Execute()
	p.say("created", created, err)
	patch := []ldapi.PatchOperation{{Op: "replace", Path: "/text", Value: "t"}}
	patched, _, err := api.PatchAnnouncement(p.ctx, "k").PatchOperation(patch).Execute()
	p.say("patched", patched, err)
	found, _, err := api.GetAnnouncement(p.ctx, "k").Execute()
	p.say("found", found, err)
}
