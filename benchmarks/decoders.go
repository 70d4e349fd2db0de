package main

import (
	"encoding/json"
	"errors"

	"github.com/bytedance/sonic"
	"github.com/go-faster/jx"
	goccy "github.com/goccy/go-json"

	"github.com/ldapi-go/ldapi"
)

// decoderNames are in the order of the table. The first one is what the others are compared with.
var decoderNames = []string{"json.Valid", "ldapi", "encoding/json", "goccy", "sonic", "jx"}

// decoders decode a page and return the number of its items, or -1.
var decoders = map[string]func(tokens bool, text []byte) (int, error){
	"json.Valid": func(_ bool, text []byte) (int, error) {
		if !json.Valid(text) {
			return 0, errors.New("not JSON")
		}
		return -1, nil
	},
	"ldapi": func(tokens bool, text []byte) (int, error) {
		if tokens {
			var page ldapi.Tokens
			err := page.UnmarshalJSON(text)
			return len(page.Items), err
		}
		var page ldapi.Members
		err := page.UnmarshalJSON(text)
		return len(page.Items), err
	},
	"encoding/json": plain(json.Unmarshal),
	"goccy":         plain(goccy.Unmarshal),
	"sonic":         plain(sonic.Unmarshal),
	"jx":            byHand,
}

func plain(unmarshal func([]byte, any) error) func(tokens bool, text []byte) (int, error) {
	return func(tokens bool, text []byte) (int, error) {
		if tokens {
			var page struct {
				Items      []plainToken    `json:"items"`
				Links      map[string]link `json:"_links"`
				TotalCount *int32          `json:"totalCount"`
			}
			err := unmarshal(text, &page)
			return len(page.Items), err
		}
		var page struct {
			Items      []plainMember   `json:"items"`
			Links      map[string]link `json:"_links"`
			TotalCount *int32          `json:"totalCount"`
		}
		err := unmarshal(text, &page)
		return len(page.Items), err
	}
}

type link struct {
	Href *string `json:"href"`
	Type *string `json:"type"`
}

type plainMember struct {
	Links                   map[string]link `json:"_links"`
	ID                      string          `json:"_id"`
	FirstName               *string         `json:"firstName"`
	LastName                *string         `json:"lastName"`
	Role                    string          `json:"role"`
	Email                   string          `json:"email"`
	PendingInvite           bool            `json:"_pendingInvite"`
	Verified                bool            `json:"_verified"`
	PendingEmail            *string         `json:"_pendingEmail"`
	CustomRoles             []string        `json:"customRoles"`
	MFA                     string          `json:"mfa"`
	MFAEnforced             *bool           `json:"mfaEnforced"`
	MFAGracePeriodExpiresAt *int64          `json:"mfaGracePeriodExpiresAt"`
	HasPassword             *bool           `json:"hasPassword"`
	ExcludedDashboards      []string        `json:"excludedDashboards"`
	LastSeen                int64           `json:"_lastSeen"`
	LastSeenMetadata        *struct {
		TokenID *string `json:"tokenId"`
	} `json:"_lastSeenMetadata"`
	IntegrationMetadata *struct {
		ExternalID     *string `json:"externalId"`
		ExternalStatus *struct {
			Display string `json:"display"`
			Value   string `json:"value"`
		} `json:"externalStatus"`
		ExternalURL *string `json:"externalUrl"`
		LastChecked *int64  `json:"lastChecked"`
	} `json:"_integrationMetadata"`
	Teams []struct {
		CustomRoleKeys []string        `json:"customRoleKeys"`
		Key            string          `json:"key"`
		Name           string          `json:"name"`
		Links          map[string]link `json:"_links"`
	} `json:"teams"`
	PermissionGrants []struct {
		Resource  string   `json:"resource"`
		ActionSet *string  `json:"actionSet"`
		Actions   []string `json:"actions"`
	} `json:"permissionGrants"`
	CreationDate   int64                `json:"creationDate"`
	OAuthProviders []string             `json:"oauthProviders"`
	Version        *int32               `json:"version"`
	RoleAttributes *map[string][]string `json:"roleAttributes"`
}

type plainToken struct {
	ID       string `json:"_id"`
	OwnerID  string `json:"ownerId"`
	MemberID string `json:"memberId"`
	Member   *struct {
		Links     map[string]link `json:"_links"`
		ID        string          `json:"_id"`
		FirstName *string         `json:"firstName"`
		LastName  *string         `json:"lastName"`
		Role      string          `json:"role"`
		Email     string          `json:"email"`
	} `json:"_member"`
	Name          *string  `json:"name"`
	Description   *string  `json:"description"`
	CreationDate  int64    `json:"creationDate"`
	LastModified  int64    `json:"lastModified"`
	CustomRoleIDs []string `json:"customRoleIds"`
	InlineRole    []struct {
		Effect       string   `json:"effect"`
		Resources    []string `json:"resources"`
		NotResources []string `json:"notResources"`
		Actions      []string `json:"actions"`
		NotActions   []string `json:"notActions"`
	} `json:"inlineRole"`
	Role              *string         `json:"role"`
	Token             *string         `json:"token"`
	ServiceToken      *bool           `json:"serviceToken"`
	Links             map[string]link `json:"_links"`
	DefaultAPIVersion *int32          `json:"defaultApiVersion"`
	LastUsed          *int64          `json:"lastUsed"`
}

// byHand reads a page with jx and builds maps and slices of any: what remains of jx without code for each model.
func byHand(_ bool, text []byte) (int, error) {
	d := jx.DecodeBytes(text)
	n := 0
	err := d.Obj(func(d *jx.Decoder, key string) error {
		if key != "items" {
			_, err := value(d)
			return err
		}
		return d.Arr(func(d *jx.Decoder) error {
			n++
			_, err := value(d)
			return err
		})
	})
	return n, err
}

func value(d *jx.Decoder) (any, error) {
	switch d.Next() {
	case jx.String:
		return d.Str()
	case jx.Number:
		return d.Int64()
	case jx.Bool:
		return d.Bool()
	case jx.Array:
		var list []any
		err := d.Arr(func(d *jx.Decoder) error {
			v, err := value(d)
			list = append(list, v)
			return err
		})
		return list, err
	case jx.Object:
		object := map[string]any{}
		err := d.Obj(func(d *jx.Decoder, key string) error {
			v, err := value(d)
			object[key] = v
			return err
		})
		return object, err
	}
	return nil, d.Null()
}
