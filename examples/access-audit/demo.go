package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

const people, departed = 300, 3

var (
	firstNames = []string{"Ada", "Ben", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hana", "Ivo", "June", "Kofi", "Lena", "Milo", "Noor", "Otto"}
	lastNames  = []string{"Archer", "Baker", "Cole", "Diaz", "Evans", "Fisher", "Grant", "Haddad", "Ito", "Jones", "Klein", "Lund", "Mora", "Nagy", "Okoro", "Park", "Quist", "Reyes", "Sato", "Turner"}
	teamNames  = []string{"Checkout", "Search", "Mobile", "Payments", "Growth", "Support", "Data", "Security"}
)

// newCompany starts a server with an invented company of 300 people, the same one each time but for the date.
func newCompany(ctx context.Context, now time.Time) (*ldapitest.Server, error) {
	server := ldapitest.NewServer(ldapitest.WithInMemory(), ldapitest.WithClock(func() time.Time { return now }))
	rng := rand.New(rand.NewPCG(300, 0))
	ago := func(days int) time.Time { return now.Add(-time.Duration(days) * 24 * time.Hour) }
	allow := func(resource string) []ldapitest.Statement {
		return []ldapitest.Statement{{Effect: "allow", Resources: []string{resource}, Actions: []string{"*"}}}
	}
	for _, key := range []string{"developer", "tester", "on-call", "auditor", "retired-role"} {
		server.AddRole(ldapitest.Role{Key: key, Name: key, Policy: allow("proj/shop:env/*:flag/*")})
	}
	var keys []string
	for i, name := range teamNames {
		key := fmt.Sprintf("team-%c", 'a'+i)
		keys = append(keys, key)
		server.AddTeam(ldapitest.Team{Key: key, Name: name, CustomRoleKeys: []string{"developer", "tester", "on-call"}[i%3 : i%3+1], IDPSynced: i == 6})
	}
	var ids []string
	for i := range people - 4 + departed { // with the four of every new server
		first, last := firstNames[i%15], lastNames[i/15%20]
		m := ldapitest.Member{FirstName: first, LastName: last, Email: fmt.Sprintf("%s.%s%s@example.com", first, last, []string{"", "2"}[i/300]),
			Role: "reader", MFA: "enabled", HasPassword: true, CreationDate: ago(30 + rng.IntN(1200)), LastSeen: ago(rng.IntN(60))}
		m.Teams = []string{keys[rng.IntN(len(keys))]}
		switch n := rng.IntN(100); {
		case n < 4:
			m.Role = "admin"
			if rng.IntN(3) == 0 {
				m.MFA = "disabled"
			}
		case n < 40:
			m.Role = "writer"
		case n < 50:
			m.Role, m.CustomRoles = "no_access", []string{"auditor"}
		}
		switch n := rng.IntN(100); {
		case n < 3:
			m.PendingInvite, m.LastSeen = true, time.Time{}
		case n < 6:
			m.LastSeen = time.Time{}
		case n < 14:
			m.LastSeen = ago(90 + rng.IntN(300))
		}
		if m.LastSeen.Before(m.CreationDate) && !m.LastSeen.IsZero() {
			m.CreationDate = m.LastSeen.Add(-24 * time.Hour)
		}
		if i < len(keys) {
			m.PermissionGrants = []ldapitest.PermissionGrant{{Resource: "team/" + keys[i], ActionSet: "maintainTeam"}}
		}
		ids = append(ids, server.AddMember(m).ID)
	}
	for i := range 90 {
		t := ldapitest.Token{Name: fmt.Sprintf("deploys-%02d", i), MemberID: ids[rng.IntN(len(ids))], Role: "writer",
			CreationDate: ago(10 + rng.IntN(800)), LastUsed: ago(rng.IntN(40))}
		switch n := rng.IntN(100); {
		case n < 30:
			t.ServiceToken = true
		case n < 34:
			t.Role, t.InlineRole = "", allow("*")
		case n < 44:
			t.Role, t.CustomRoleIDs = "", []string{"developer"}
		}
		switch n := rng.IntN(100); {
		case n < 8:
			t.LastUsed = time.Time{}
		case n < 18:
			t.LastUsed = ago(95 + rng.IntN(200))
		}
		if !t.LastUsed.IsZero() && t.LastUsed.Before(t.CreationDate) {
			t.LastUsed = now
		}
		server.AddToken(t)
	}
	for i := range 45 {
		e := ldapitest.AuditEntry{Date: now.Add(-time.Duration(i*13) * time.Hour), MemberID: ldapitest.AdminID, TokenID: ldapitest.AdminTokenID,
			Name: firstNames[i%15] + " " + lastNames[i%20], Actions: []string{"updateRole"}, Resources: []string{"member/" + ids[i]}}
		if i%4 == 0 {
			e.Name, e.Verb, e.Actions = fmt.Sprintf("deploys-%02d", i), "reset", []string{"resetAccessToken"}
			e.Resources, e.Comment = []string{"service-token/" + ldapitest.ServiceTokenID}, "quarterly rotation"
		}
		server.AddAuditEntry(e)
	}
	for _, t := range server.Tokens()[8:60:60] { // members that left, and whose tokens are still there
		if !t.ServiceToken && len(server.Members()) > people {
			if _, err := server.Client().AccountMembersApi.DeleteMember(ctx, t.MemberID).Execute(); err != nil && !errors.Is(err, ldapi.ErrNotFound) {
				server.Close()
				return nil, err
			}
		}
	}
	return server, nil
}
