package ldapitest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// AddMember puts a member into the account, without any invitation, and returns it as stored: with an ID, in lower case, custom
// roles as IDs. CustomRoles may be keys or IDs. It panics, or fails the test, when the member is impossible: no valid address,
// an address or ID that is taken, an unknown role, team or custom role, a second owner.
func (s *Server) AddMember(m Member) Member {
	stored, err := s.TryAddMember(m)
	if err != nil {
		s.misuse("AddMember: %v", err)
	}
	return stored
}

// TryAddMember is [Server.AddMember] for input from outside the program: it returns an error where the other panics or fails the test.
func (s *Server) TryAddMember(m Member) (Member, error) {
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	return s.account.addMember(m.clone())
}

func (a *account) addMember(m Member) (Member, error) {
	m.Email = strings.ToLower(m.Email)
	switch {
	case !validEmail(m.Email):
		return m, fmt.Errorf("email %q is not an address", m.Email)
	case a.memberByEmail(m.Email) != nil:
		return m, fmt.Errorf("email %q is taken", m.Email)
	case m.ID != "" && !validID(m.ID):
		return m, fmt.Errorf("ID %q is not 24 lower-case hex digits", m.ID)
	case a.member(m.ID) != nil:
		return m, fmt.Errorf("ID %q is taken", m.ID)
	case m.Role != "" && !slices.Contains(memberRoles, m.Role):
		return m, fmt.Errorf("role %q is none of %s", m.Role, strings.Join(memberRoles, ", "))
	case m.NoLastSeenData && !m.LastSeen.IsZero():
		return m, fmt.Errorf("NoLastSeenData contradicts LastSeen")
	}
	ids, err := a.roleIDs(m.CustomRoles)
	if err == nil {
		err = a.checkTeams(m.Teams)
	}
	if err != nil {
		return m, err
	}
	m.CustomRoles = ids
	if m.ID == "" {
		m.ID = a.newMemberID()
	}
	m.Role, m.MFA, m.Version = cmp.Or(m.Role, roleReader), cmp.Or(m.MFA, mfaDisabled), cmp.Or(m.Version, 1)
	m.CreationDate, m.LastSeen = wireTime(m.CreationDate, a.cfg.now()), wireTime(m.LastSeen, time.Time{})
	stored := m.clone()
	a.members = append(a.members, &stored)
	return m, nil
}

// AddToken puts a token into the account and returns it as stored, with its full secret. CustomRoleIDs may be keys or IDs. It
// panics, or fails the test, when the token is impossible: an ID or secret that is taken, an unknown member, role or API
// version, more than one of Role, CustomRoleIDs and InlineRole.
func (s *Server) AddToken(t Token) Token {
	stored, err := s.TryAddToken(t)
	if err != nil {
		s.misuse("AddToken: %v", err)
	}
	return stored
}

// TryAddToken is [Server.AddToken] for input from outside the program: it returns an error where the other panics or fails the test.
func (s *Server) TryAddToken(t Token) (Token, error) {
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	return s.account.addToken(t.clone())
}

func (a *account) addToken(t Token) (Token, error) {
	t.MemberID = cmp.Or(t.MemberID, AdminID)
	if t.Role == "" && len(t.CustomRoleIDs) == 0 && len(t.InlineRole) == 0 {
		t.Role = roleReader
	}
	t.DefaultAPIVersion = cmp.Or(t.DefaultAPIVersion, currentVersion)
	switch {
	case t.ID != "" && !validID(t.ID):
		return t, fmt.Errorf("ID %q is not 24 lower-case hex digits", t.ID)
	case a.token(t.ID) != nil:
		return t, fmt.Errorf("ID %q is taken", t.ID)
	case a.member(t.MemberID) == nil:
		return t, fmt.Errorf("no member %q", t.MemberID)
	case t.Secret != "" && slices.ContainsFunc(a.tokens, func(o *Token) bool { return o.knows(t.Secret) }):
		return t, fmt.Errorf("the secret is taken")
	case knownVersions[fmt.Sprint(t.DefaultAPIVersion)] == 0:
		return t, fmt.Errorf("unknown API version %d", t.DefaultAPIVersion)
	}
	ids, err := a.roleIDs(t.CustomRoleIDs)
	if err == nil {
		err = t.checkKind()
	}
	for _, st := range t.InlineRole {
		if err == nil {
			err = st.check()
		}
	}
	if err != nil {
		return t, err
	}
	t.CustomRoleIDs = ids
	if t.ID == "" {
		t.ID = a.newTokenID()
	}
	if t.Secret == "" {
		t.Secret = a.newSecret()
	}
	t.CreationDate = wireTime(t.CreationDate, a.cfg.now())
	t.LastModified, t.LastUsed = wireTime(t.LastModified, t.CreationDate), wireTime(t.LastUsed, time.Time{})
	stored := t.clone()
	a.tokens = append(a.tokens, &stored)
	return t, nil
}

// AddRole puts a custom role into the account and returns it as stored. It panics, or fails the test, when the role has no key, a
// key or ID that is taken, a malformed ID, or a policy that contradicts itself.
func (s *Server) AddRole(r Role) Role {
	stored, err := s.TryAddRole(r)
	if err != nil {
		s.misuse("AddRole: %v", err)
	}
	return stored
}

// TryAddRole is [Server.AddRole] for input from outside the program: it returns an error where the other panics or fails the test.
func (s *Server) TryAddRole(r Role) (Role, error) {
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	return s.account.addRole(r.clone())
}

func (a *account) addRole(r Role) (Role, error) {
	switch {
	case r.Key == "":
		return r, fmt.Errorf("no key")
	case a.roleNamed(r.Key) != nil:
		return r, fmt.Errorf("key %q is taken", r.Key)
	case r.ID != "" && !validID(r.ID):
		return r, fmt.Errorf("ID %q is not 24 lower-case hex digits", r.ID)
	case a.role(r.ID) != nil:
		return r, fmt.Errorf("ID %q is taken", r.ID)
	}
	if err := r.check(); err != nil {
		return r, err
	}
	for r.ID == "" || a.role(r.ID) != nil {
		r.ID = a.ids.objectID()
	}
	r.Name = cmp.Or(r.Name, r.Key)
	stored := r.clone()
	a.roles = append(a.roles, &stored)
	return r, nil
}

// AddTeam puts a team into the account and returns it as stored. It panics, or fails the test, when the team has no key, a key
// that is taken, or custom roles that do not exist.
func (s *Server) AddTeam(t Team) Team {
	stored, err := s.TryAddTeam(t)
	if err != nil {
		s.misuse("AddTeam: %v", err)
	}
	return stored
}

// TryAddTeam is [Server.AddTeam] for input from outside the program: it returns an error where the other panics or fails the test.
func (s *Server) TryAddTeam(t Team) (Team, error) {
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	return s.account.addTeam(t.clone())
}

func (a *account) addTeam(t Team) (Team, error) {
	switch {
	case t.Key == "":
		return t, fmt.Errorf("no key")
	case a.team(t.Key) != nil:
		return t, fmt.Errorf("key %q is taken", t.Key)
	}
	if err := a.checkRoleKeys(t.CustomRoleKeys); err != nil {
		return t, err
	}
	t.Name, t.Version = cmp.Or(t.Name, t.Key), cmp.Or(t.Version, 1)
	t.CreationDate = wireTime(t.CreationDate, a.cfg.now())
	t.LastModified = wireTime(t.LastModified, t.CreationDate)
	stored := t.clone()
	a.teams = append(a.teams, &stored)
	return t, nil
}

// Members returns copies of all members, in order of creation.
func (s *Server) Members() []Member {
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	return copies(s.account.members, Member.clone)
}

// Tokens returns copies of all tokens with their full secrets, in order of creation, inactive ones included.
func (s *Server) Tokens() []Token {
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	return copies(s.account.tokens, Token.clone)
}

// Roles returns copies of all custom roles, in order of creation.
func (s *Server) Roles() []Role {
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	return copies(s.account.roles, Role.clone)
}

// Teams returns copies of all teams, in order of creation. [Member.Teams] has who is on them.
func (s *Server) Teams() []Team {
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	return copies(s.account.teams, Team.clone)
}

// AuditLog returns copies of the entries of the audit log, oldest first. A new server has none.
func (s *Server) AuditLog() []AuditEntry {
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	return copies(s.account.entries, AuditEntry.clone)
}

// AddAuditEntry adds an entry to the audit log and returns it as stored. It panics, or fails the test, when its ID is taken or
// malformed, or when it names no resource.
func (s *Server) AddAuditEntry(e AuditEntry) AuditEntry {
	a := s.account
	a.mu.Lock()
	var problem string
	switch {
	case e.ID != "" && !validID(e.ID):
		problem = "is not 24 lower-case hex digits"
	case e.ID != "" && a.entry(e.ID) != nil:
		problem = "is taken"
	case len(e.Resources) == 0:
		problem = "has no resources"
	default:
		e = a.addEntry(e.clone())
	}
	a.mu.Unlock()
	if problem != "" {
		s.misuse("AddAuditEntry: ID %q %s", e.ID, problem)
	}
	return e
}

func copies[T any](items []*T, clone func(T) T) []T {
	result := make([]T, 0, len(items))
	for _, item := range items {
		result = append(result, clone(*item))
	}
	return result
}

// wireTime cuts a time to what the wire can carry.
func wireTime(t, fallback time.Time) time.Time {
	if t.IsZero() {
		return fallback
	}
	return t.UTC().Truncate(time.Millisecond)
}
