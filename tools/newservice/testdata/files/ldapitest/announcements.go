package ldapitest

import "net/http"

const announcementsPath = "/api/v2/announcements"

// Announcement is a message to all members.
type Announcement struct{ Key, Text, Level string }

// Announcements returns the announcements of the account, in order of creation.
func (s *Server) Announcements() []Announcement {
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	all := []Announcement{}
	for _, n := range s.account.announcements {
		all = append(all, *n)
	}
	return all
}

func seededAnnouncements() []*Announcement {
	return []*Announcement{{"maintenance", "The service is down on Sunday.", "warning"}}
}

func (a *account) getAnnouncements(c *call) (reply, error) {
	all := []*Announcement{}
	for _, n := range a.announcements {
		if !c.query.Has("severity") || n.Level == c.query.Get("severity") {
			all = append(all, n)
		}
	}
	return list(a, c, all, func(n *Announcement) *object { return c.shape.announcement(n) })
}

func (a *account) getAnnouncement(c *call) (reply, error) {
	n := a.announcement(c.ids[0])
	if n == nil {
		return reply{}, standardError(http.StatusNotFound)
	}
	return reply{status: http.StatusOK, body: c.shape.announcement(n)}, nil
}

func (a *account) postAnnouncement(c *call) (reply, error) {
	p, err := decodeObject(c.body)
	if err != nil {
		return reply{}, err
	}
	n := &Announcement{p.text("announcementKey"), p.text("text"), p.text("level")}
	switch {
	case p.err != nil:
		return reply{}, p.err
	case !p.has("text") || !validKey(n.Key):
		return reply{}, badRequest("announcementKey and text are required")
	case !c.caller.allows("createAnnouncement", "announcement/"+n.Key):
		return reply{}, standardError(http.StatusForbidden)
	case a.announcement(n.Key) != nil:
		return reply{}, conflict("An announcement with the key %q exists already.", n.Key)
	}
	a.announcements = append(a.announcements, n)
	return reply{status: http.StatusCreated, body: c.shape.announcement(n)}, nil
}

func (a *account) patchAnnouncement(c *call) (reply, error) {
	n := a.announcement(c.ids[0])
	if n == nil {
		return reply{}, standardError(http.StatusNotFound)
	}
	ops, err := decodePatch(c.body)
	if err != nil {
		return reply{}, err
	}
	if !c.caller.allows("updateAnnouncement", "announcement/"+n.Key) {
		return reply{}, standardError(http.StatusForbidden)
	}
	patched, err := ops.apply(version(shape{}.announcement(n)), map[string]string{"text": "updateAnnouncement"})
	if err != nil {
		return reply{}, err
	}
	p, err := decodeObject(patched)
	if err != nil {
		return reply{}, err
	}
	text := p.text("text")
	if p.err != nil || !p.has("text") {
		return reply{}, badRequest("text must be a string")
	}
	n.Text = text
	return reply{status: http.StatusOK, body: c.shape.announcement(n)}, nil
}

func (a *account) announcement(key string) *Announcement {
	return find(a.announcements, func(n *Announcement) bool { return n.Key == key })
}

// announcement is an Announcement.
func (s shape) announcement(n *Announcement) *object {
	return s.object().set("announcementKey", n.Key).set("text", n.Text).text("level", n.Level)
}
