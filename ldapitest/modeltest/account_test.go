package modeltest_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// member is a member in the model. Its fields are plain, so that two members are the same when they print the
// same; nil and empty lists are.
type member struct {
	ID, Email, First, Last, Role string
	CustomRoles, Teams           []string
	Attributes                   map[string][]string
	Pending                      bool
	Created, LastSeen            int64
}

// String leaves the order of teams open: a patch of a team may take a member out and put it back.
func (m *member) String() string {
	c := *m
	c.Teams = slices.Sorted(slices.Values(m.Teams))
	return fmt.Sprintf("%+v", c)
}

func (m *member) clone() *member {
	c := *m
	c.CustomRoles, c.Teams = slices.Clone(m.CustomRoles), slices.Clone(m.Teams)
	return &c // attributes are replaced as a whole, never changed in place
}

// token is a token in the model.
type token struct {
	ID, Member, Name, Description, Role string
	CustomRoles                         []string
	Inline                              []string // the resources that the policy allows
	Service                             bool
	Created, Modified, LastUsed         int64
	Secret                              string // on the wire: its last four characters
}

func (t *token) String() string { return fmt.Sprintf("%+v", *t) }

// masked returns the token as in all responses except those of postToken and resetToken.
func (t *token) masked() *token {
	c := *t
	c.Secret = t.Secret[len(t.Secret)-4:]
	return &c
}

// oldSecret is a secret from before a reset.
type oldSecret struct {
	secret, tokenID string
	expires         int64
}

// account is the model: the state of LaunchDarkly, in lists in order of creation.
type account struct {
	now      time.Time
	members  []*member
	tokens   []*token
	old      []oldSecret
	inactive map[string]bool // tokens by ID whose member was deleted
	dead     []string        // secrets of tokens that were deleted
	roles    []*role
	groups   []*group

	maintains map[string][]string // IDs of members by the key of a team; of deleted ones, too
}

// seededRoles are custom roles by key and ID.
var seededRoles = map[string]string{
	ldapitest.ReleaseManagerRoleKey: ldapitest.ReleaseManagerRoleID,
	ldapitest.PeopleManagerRoleKey:  ldapitest.PeopleManagerRoleID,
}

// crew is a team with a custom role.
const crew = "crew"

func (a *account) member(id string) *member {
	i := slices.IndexFunc(a.members, func(m *member) bool { return m.ID == id })
	if i < 0 {
		return nil
	}
	return a.members[i]
}

func (a *account) token(id string) *token {
	i := slices.IndexFunc(a.tokens, func(t *token) bool { return t.ID == id })
	if i < 0 {
		return nil
	}
	return a.tokens[i]
}

func (a *account) memberByEmail(email string) *member {
	i := slices.IndexFunc(a.members, func(m *member) bool { return m.Email == strings.ToLower(email) })
	if i < 0 {
		return nil
	}
	return a.members[i]
}

func (a *account) millis() int64 { return a.now.UnixMilli() }

// opens returns the token that a secret opens at this moment.
func (a *account) opens(secret string) *token {
	for _, t := range a.tokens {
		if t.Secret == secret && !a.inactive[t.ID] {
			return t
		}
	}
	for _, o := range a.old {
		if t := a.token(o.tokenID); o.secret == secret && t != nil && !a.inactive[t.ID] && a.millis() < o.expires {
			return t
		}
	}
	return nil
}

// power is what someone may do.
type power uint

const (
	people     power = 1 << iota // manage members and their personal tokens
	services                     // manage service tokens
	teamwork                     // put members on teams
	projects                     // do anything in projects
	flags                        // do anything with flags
	staging                      // do the one thing that the inline roles of this test allow
	administer                   // be an admin
	everything = administer<<1 - 1
)

func (p power) includes(q power) bool { return p&q == q }

func rolePower(role string) power {
	switch role {
	case "owner", "admin":
		return everything
	case "writer":
		return projects | flags | staging
	}
	return 0
}

func customPower(ids []string) (p power) {
	for _, id := range ids {
		switch id {
		case ldapitest.ReleaseManagerRoleID:
			p |= flags | staging
		case ldapitest.PeopleManagerRoleID:
			p |= people
		}
	}
	return p
}

// memberPower: the base role counts for the owner, and for members without any custom role.
func (a *account) memberPower(m *member) power {
	ids := slices.Clone(m.CustomRoles)
	for _, team := range m.Teams {
		for _, key := range a.group(team).Roles {
			ids = append(ids, a.roleNamed(key).ID)
		}
	}
	if m.Role == "owner" || len(ids) == 0 {
		return rolePower(m.Role)
	}
	return customPower(ids)
}

func tokenPower(t *token) power {
	switch {
	case t.Role != "":
		return rolePower(t.Role)
	case len(t.CustomRoles) > 0:
		return customPower(t.CustomRoles)
	}
	return staging
}

// demands is the power that the creator of a token must have.
func demands(t *token) power {
	switch {
	case t.Role == "admin":
		return administer
	case t.Role == "writer":
		return projects
	case t.Role != "":
		return 0
	case len(t.CustomRoles) > 0:
		return customPower(t.CustomRoles)
	}
	return staging
}

// caller is the caller of an operation: a token, and the member of a personal one.
type caller struct {
	token  *token
	member *member
	power  power
}

// callerOf returns nil for a secret that opens nothing. A personal token never does more than its member.
func (a *account) callerOf(secret string) *caller {
	t := a.opens(secret)
	if t == nil {
		return nil
	}
	c := &caller{token: t, power: tokenPower(t)}
	if !t.Service {
		c.member = a.member(t.Member)
		c.power &= a.memberPower(c.member)
	}
	return c
}

func (c *caller) owns(t *token) bool {
	return c.member != nil && !t.Service && t.Member == c.member.ID
}

func (c *caller) manages(t *token) bool {
	if t.Service {
		return c.power.includes(services)
	}
	return c.owns(t) || c.power.includes(people)
}

// sees describes which tokens a list shows.
func (c *caller) sees(t *token, showAll bool) bool {
	return t.Service || c.owns(t) || c.power.includes(administer) && (showAll || c.member == nil)
}
