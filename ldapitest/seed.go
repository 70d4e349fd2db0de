package ldapitest

import "time"

// Secrets of the seeded tokens. They are invented; all have the shape of real ones.
const (
	// OwnerToken is a personal token with role admin of the account's owner.
	OwnerToken = "api-0a1b2c3d-4e5f-4a01-8b11-5e0c1d2f3a01"
	// AdminToken is a personal token with role admin of a member with role admin.
	AdminToken = "api-0a1b2c3d-4e5f-4a02-8b12-5e0c1d2f3a02"
	// WriterToken is a personal token with role writer of a member with role writer.
	WriterToken = "api-0a1b2c3d-4e5f-4a03-8b13-5e0c1d2f3a03"
	// ReaderToken is a personal token with role reader of a member with role reader.
	ReaderToken = "api-0a1b2c3d-4e5f-4a04-8b14-5e0c1d2f3a04"
	// ServiceToken is a service token with role admin. It acts for no member.
	ServiceToken = "api-0a1b2c3d-4e5f-4a05-8b15-5e0c1d2f3a05"
)

// IDs of the seeded members.
const (
	// OwnerID is the member olga.owens@example.com, the owner of the account.
	OwnerID = "5f00aa11bb22cc33dd44ee01"
	// AdminID is the member adam.adler@example.com with role admin.
	AdminID = "5f00aa11bb22cc33dd44ee02"
	// WriterID is the member wendy.walsh@example.com with role writer, in the team [PlatformTeamKey].
	WriterID = "5f00aa11bb22cc33dd44ee03"
	// ReaderID is the member remy.reed@example.com with role reader, who has never been active.
	ReaderID = "5f00aa11bb22cc33dd44ee04"
)

// IDs of the seeded tokens.
const (
	// OwnerTokenID is the ID of the token whose secret is [OwnerToken].
	OwnerTokenID = "66a0b1c2d3e4f50617283901"
	// AdminTokenID is the ID of the token whose secret is [AdminToken].
	AdminTokenID = "66a0b1c2d3e4f50617283902"
	// WriterTokenID is the ID of the token whose secret is [WriterToken].
	WriterTokenID = "66a0b1c2d3e4f50617283903"
	// ReaderTokenID is the ID of the token whose secret is [ReaderToken].
	ReaderTokenID = "66a0b1c2d3e4f50617283904"
	// ServiceTokenID is the ID of the token whose secret is [ServiceToken].
	ServiceTokenID = "66a0b1c2d3e4f50617283905"
)

// The seeded custom roles and the seeded team.
const (
	// ReleaseManagerRoleID is the ID of the role [ReleaseManagerRoleKey].
	ReleaseManagerRoleID = "64c1d2e3f4a5b6c7d8e9f001"
	// ReleaseManagerRoleKey is the key of a custom role that may do anything with flags.
	ReleaseManagerRoleKey = "release-manager"
	// PeopleManagerRoleID is the ID of the role [PeopleManagerRoleKey].
	PeopleManagerRoleID = "64c1d2e3f4a5b6c7d8e9f002"
	// PeopleManagerRoleKey is the key of a custom role that may do anything with members and their tokens.
	PeopleManagerRoleKey = "people-manager"
	// PlatformTeamKey is the key of the seeded team, which has no roles.
	PlatformTeamKey = "platform"
)

// seed fills an empty account. Ages are relative to now, so that filters by time have something to find.
func (a *account) seed(now time.Time) {
	const day = 24 * time.Hour
	a.roles = []*Role{
		{
			ID: ReleaseManagerRoleID, Key: ReleaseManagerRoleKey, Name: "Release manager",
			Policy: []Statement{{Effect: "allow", Resources: []string{"proj/*:env/*:flag/*"}, Actions: []string{"*"}}},
		},
		{
			ID: PeopleManagerRoleID, Key: PeopleManagerRoleKey, Name: "People manager",
			Policy: []Statement{{Effect: "allow", Resources: []string{"member/*"}, Actions: []string{"*"}}},
		},
	}
	a.teams = []*Team{{Key: PlatformTeamKey, Name: "Platform", Version: 1,
		CreationDate: now.Add(-250 * day), LastModified: now.Add(-250 * day)}}
	a.members = []*Member{
		{ID: OwnerID, FirstName: "Olga", LastName: "Owens", Email: "olga.owens@example.com", Role: roleOwner,
			CreationDate: now.Add(-400 * day), LastSeen: now.Add(-time.Hour)},
		{ID: AdminID, FirstName: "Adam", LastName: "Adler", Email: "adam.adler@example.com", Role: roleAdmin,
			CreationDate: now.Add(-300 * day), LastSeen: now.Add(-day)},
		{ID: WriterID, FirstName: "Wendy", LastName: "Walsh", Email: "wendy.walsh@example.com", Role: roleWriter,
			CreationDate: now.Add(-200 * day), LastSeen: now.Add(-30 * day), Teams: []string{PlatformTeamKey}},
		{ID: ReaderID, FirstName: "Remy", LastName: "Reed", Email: "remy.reed@example.com", Role: roleReader,
			CreationDate: now.Add(-100 * day)},
	}
	for _, m := range a.members {
		m.MFA, m.HasPassword, m.Version = mfaDisabled, true, 1
	}
	a.tokens = []*Token{
		{ID: OwnerTokenID, MemberID: OwnerID, Name: "owner", Role: roleAdmin, Secret: OwnerToken},
		{ID: AdminTokenID, MemberID: AdminID, Name: "admin", Role: roleAdmin, Secret: AdminToken},
		{ID: WriterTokenID, MemberID: WriterID, Name: "writer", Role: roleWriter, Secret: WriterToken},
		{ID: ReaderTokenID, MemberID: ReaderID, Name: "reader", Role: roleReader, Secret: ReaderToken},
		{ID: ServiceTokenID, MemberID: OwnerID, Name: "service", Role: roleAdmin, Secret: ServiceToken, ServiceToken: true},
	}
	for i, t := range a.tokens {
		t.CreationDate = now.Add(-90*day + time.Duration(i)*time.Minute)
		t.LastModified, t.DefaultAPIVersion = t.CreationDate, currentVersion
	}
}
