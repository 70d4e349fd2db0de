package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// statement is one rule of a policy.
type statement struct {
	Effect       string   `json:"effect"`
	Resources    []string `json:"resources"`
	NotResources []string `json:"notResources"`
	Actions      []string `json:"actions"`
	NotActions   []string `json:"notActions"`
}

type role struct {
	ID              string      `json:"id"`
	Key             string      `json:"key"`
	Name            string      `json:"name"`
	Description     string      `json:"description"`
	Policy          []statement `json:"policy"`
	BasePermissions string      `json:"basePermissions"`
}

type team struct {
	Key            string              `json:"key"`
	Name           string              `json:"name"`
	Description    string              `json:"description"`
	CustomRoleKeys []string            `json:"customRoleKeys"`
	RoleAttributes map[string][]string `json:"roleAttributes"`
	IDPSynced      bool                `json:"idpSynced"`
}

type member struct {
	ID             string              `json:"id"`
	Email          string              `json:"email"`
	FirstName      string              `json:"firstName"`
	LastName       string              `json:"lastName"`
	Role           string              `json:"role"`
	CustomRoles    []string            `json:"customRoles"`
	RoleAttributes map[string][]string `json:"roleAttributes"`
	Teams          []string            `json:"teams"`
	Maintains      []string            `json:"maintains"`
	PendingInvite  bool                `json:"pendingInvite"`
	LastSeen       string              `json:"lastSeen"`
	CreationDate   string              `json:"creationDate"`
}

type token struct {
	ID            string      `json:"id"`
	Name          string      `json:"name"`
	Description   string      `json:"description"`
	Member        string      `json:"member"`
	Secret        string      `json:"secret"`
	ServiceToken  bool        `json:"serviceToken"`
	Role          string      `json:"role"`
	CustomRoleIDs []string    `json:"customRoleIds"`
	InlineRole    []statement `json:"inlineRole"`
	CreationDate  string      `json:"creationDate"`
	LastModified  string      `json:"lastModified"`
	LastUsed      string      `json:"lastUsed"`
}

// seedFile adds the contents of a seed to an account. Its errors name the file, and the element that is wrong.
// It stops waiting for the file, which may be a pipe, when ctx ends.
func seedFile(ctx context.Context, account *ldapitest.Server, path string) error {
	type content struct {
		data []byte
		err  error
	}
	loaded := make(chan content, 1)
	go func() {
		data, err := os.ReadFile(path)
		loaded <- content{data, err}
	}()
	var data []byte
	select {
	case <-ctx.Done():
		return fmt.Errorf("%s: stopped before the seed was read", path)
	case c := <-loaded:
		if c.err != nil {
			return c.err // names the file
		}
		data = c.data
	}
	if err := seed(account, data); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func seed(account *ldapitest.Server, data []byte) error {
	var lists struct {
		Roles   []json.RawMessage `json:"roles"`
		Teams   []json.RawMessage `json:"teams"`
		Members []json.RawMessage `json:"members"`
		Tokens  []json.RawMessage `json:"tokens"`
	}
	if err := decode(data, &lists); err != nil {
		return err
	}
	steps := []func() error{
		func() error { return addAll(account, "roles", lists.Roles, addRole) },
		func() error { return addAll(account, "teams", lists.Teams, addTeam) },
		func() error { return addAll(account, "members", lists.Members, addMember) },
		func() error { return addAll(account, "tokens", lists.Tokens, addToken) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func addAll[T any](account *ldapitest.Server, list string, items []json.RawMessage, add func(*ldapitest.Server, T) error) error {
	for i, item := range items {
		var v T
		err := decode(item, &v)
		if err == nil {
			err = add(account, v)
		}
		if err != nil {
			return fmt.Errorf("%s[%d]: %w", list, i, err)
		}
	}
	return nil
}

// decode reads one JSON document that has no properties but those of v.
func decode(data []byte, v any) error {
	if string(bytes.TrimSpace(data)) == "null" { // which encoding/json takes for an empty object
		return errors.New("want object, got null")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d: %w", 1+bytes.Count(data[:syntax.Offset], []byte("\n")), err)
	case errors.As(err, &mismatch) && mismatch.Field != "":
		return fmt.Errorf("field %q: want %s, got %s", mismatch.Field, kindName(mismatch.Type), mismatch.Value)
	case errors.As(err, &mismatch):
		return fmt.Errorf("want %s, got %s", kindName(mismatch.Type), mismatch.Value)
	case err != nil:
		return errors.New(strings.TrimPrefix(err.Error(), "json: ")) // unknown field "colour"
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("something follows the document")
	}
	return nil
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice:
		return "list"
	case reflect.Struct, reflect.Map:
		return "object"
	}
	return t.Kind().String()
}

func addRole(account *ldapitest.Server, r role) error {
	_, err := account.TryAddRole(ldapitest.Role{ID: r.ID, Key: r.Key, Name: r.Name, Description: r.Description, Policy: policy(r.Policy),
		BasePermissions: r.BasePermissions})
	return err
}

func addTeam(account *ldapitest.Server, t team) error {
	_, err := account.TryAddTeam(ldapitest.Team{Key: t.Key, Name: t.Name, Description: t.Description, CustomRoleKeys: t.CustomRoleKeys,
		RoleAttributes: t.RoleAttributes, IDPSynced: t.IDPSynced})
	return err
}

func addMember(account *ldapitest.Server, m member) error {
	var seen, created time.Time
	if err := errors.Join(parseTime("lastSeen", m.LastSeen, &seen), parseTime("creationDate", m.CreationDate, &created)); err != nil {
		return err
	}
	var grants []ldapitest.PermissionGrant
	for _, key := range m.Maintains {
		if !slices.ContainsFunc(account.Teams(), func(t ldapitest.Team) bool { return t.Key == key }) {
			return fmt.Errorf("field \"maintains\": unknown team %q", key)
		}
		grants = append(grants, ldapitest.PermissionGrant{Resource: "team/" + key, ActionSet: "maintainTeam"})
	}
	_, err := account.TryAddMember(ldapitest.Member{
		ID: m.ID, Email: m.Email, FirstName: m.FirstName, LastName: m.LastName, Role: m.Role, CustomRoles: m.CustomRoles,
		RoleAttributes: m.RoleAttributes, Teams: m.Teams, PermissionGrants: grants, PendingInvite: m.PendingInvite, LastSeen: seen,
		CreationDate: created,
	})
	return err
}

func addToken(account *ldapitest.Server, t token) error {
	if t.Secret != "" && secret.FindString(t.Secret) != t.Secret {
		return errors.New(`field "secret": must be api- followed by letters, digits and dashes`) // or it could not be masked
	}
	var created, modified, used time.Time
	if err := errors.Join(parseTime("creationDate", t.CreationDate, &created), parseTime("lastModified", t.LastModified, &modified),
		parseTime("lastUsed", t.LastUsed, &used)); err != nil {
		return err
	}
	owner := t.Member
	for _, m := range account.Members() {
		if strings.EqualFold(m.Email, t.Member) {
			owner = m.ID
		}
	}
	_, err := account.TryAddToken(ldapitest.Token{
		ID: t.ID, Name: t.Name, Description: t.Description, MemberID: owner, Secret: t.Secret, ServiceToken: t.ServiceToken,
		Role: t.Role, CustomRoleIDs: t.CustomRoleIDs, InlineRole: policy(t.InlineRole),
		CreationDate: created, LastModified: modified, LastUsed: used,
	})
	return err
}

// parseTime reads the time of a property, which may be absent.
func parseTime(property, text string, t *time.Time) error {
	if text == "" {
		return nil
	}
	var err error
	if *t, err = time.Parse(time.RFC3339, text); err != nil {
		return fmt.Errorf("field %q: want a time such as 2026-01-01T12:00:00Z, got %q", property, text)
	}
	return nil
}

func policy(statements []statement) []ldapitest.Statement {
	var p []ldapitest.Statement
	for _, s := range statements {
		p = append(p, ldapitest.Statement(s))
	}
	return p
}
