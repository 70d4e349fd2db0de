//go:build !race

package ldapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi/internal/codec"
)

// allocatedBy returns how many bytes f allocates. Tests that use it run alone.
func allocatedBy(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// mostAllocated is what decoding a document of so many bytes may allocate.
func mostAllocated(size int) uint64 { return 24*uint64(size) + 4<<20 }

// memoryModels decode a document into a model; together the models have every kind of property.
var memoryModels = map[string]func(data []byte, strict bool) error{
	"Members": func(b []byte, strict bool) error { return decodeDocument(new(Members), b, strict) },
	"Member":  func(b []byte, strict bool) error { return decodeDocument(new(Member), b, strict) },
	"Tokens":  func(b []byte, strict bool) error { return decodeDocument(new(Tokens), b, strict) },
	"Token":   func(b []byte, strict bool) error { return decodeDocument(new(Token), b, strict) },
	"BulkEditMembersRep": func(b []byte, strict bool) error {
		return decodeDocument(new(BulkEditMembersRep), b, strict)
	},
	"PatchOperation": func(b []byte, strict bool) error {
		return decodeDocument(new(PatchOperation), b, strict)
	},
	"VersionsRep": func(b []byte, strict bool) error { return decodeDocument(new(VersionsRep), b, strict) },
	"error": func(b []byte, strict bool) error {
		d := new(errorDetail)
		return codec.Decode(d, d.decode, b, strict)
	},
}

// hostileShapes are documents that need much memory; each is repeated until it has about that many bytes.
func hostileShapes(size int) map[string]string {
	list := func(property, element string) string {
		n := size / (len(element) + 1)
		return `{"` + property + `":[` + strings.TrimSuffix(strings.Repeat(element+",", n), ",") + `]}`
	}
	object := func(open, property, shut string) string {
		var b strings.Builder
		b.WriteString(open)
		for i := 0; b.Len() < size; i++ {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, property, i)
		}
		b.WriteString(shut)
		return b.String()
	}
	shapes := map[string]string{}
	for _, property := range []string{"items", "teams", "customRoles", "permissionGrants", "inlineRole", "errors", "members", "invalid_emails", "value", "unknown"} {
		for _, element := range []string{"{}", "[]", "0", "null", `""`, "true", `{"a":1}`, `{"_links":{}}`, `{"teams":[{}]}`, "1.5", "[[]]", `{"a":{}}`} {
			shapes[property+" of "+element] = list(property, element)
		}
	}
	for name, property := range map[string]string{
		"repeated items": `"items":[{}]`, "repeated lists": `"items":[]`, "repeated _links": `"_links":{}`, "repeated _member": `"_member":{}`,
		"repeated role attributes": `"roleAttributes":{}`, "repeated strings": `"role":"reader"`, "repeated pointers": `"firstName":"x"`,
	} {
		shapes[name] = object("{", property+"%.0d", "}")
	}
	for name, property := range map[string]string{
		"unknown numbers": `"u%d":1`, "unknown strings": `"u%d":""`, "unknown objects": `"u%d":{}`, "unknown lists": `"u%d":[]`, "unknown nulls": `"u%d":null`,
	} {
		shapes[name] = object("{", property, "}")
		shapes["deeper "+name] = object(`{"a":{"b":{`, property, "}}}")
	}
	shapes["many links"] = object(`{"_links":{`, `"l%d":{}`, "}}")
	shapes["many attributes"] = object(`{"roleAttributes":{`, `"l%d":[]`, "}}")
	shapes["attributes with an element"] = object(`{"roleAttributes":{`, `"l%d":[""]`, "}}")
	shapes["long number"] = `{"lastUsed":1` + strings.Repeat("0", size) + "}"
	shapes["long unknown number"] = `{"n":1` + strings.Repeat("0", size) + "}"
	shapes["long string"] = `{"name":"` + strings.Repeat("x", size) + `"}`
	shapes["escapes"] = `{"name":"` + strings.Repeat(`\u0000`, size/6) + `"}`
	shapes["short escapes"] = `{"name":"` + strings.Repeat(`\n`, size/2) + `"}`
	shapes["half surrogates"] = `{"name":"` + strings.Repeat(`\ud800`, size/6) + `"}`
	shapes["invalid UTF-8"] = `{"name":"` + strings.Repeat("\x80", size) + `"}`
	shapes["invalid UTF-8 in short strings"] = list("customRoles", "\"\x80\x80\x80\x80\"")
	shapes["long key"] = `{"` + strings.Repeat("k", size) + `":1}`
	shapes["deep"] = `{"a":` + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000) + "}"
	shapes["deep objects"] = `{"a":` + strings.Repeat(`{"a":`, 9_000) + "1" + strings.Repeat("}", 9_000) + "}"
	shapes["no JSON"] = strings.Repeat("[{", size/2)
	return shapes
}

// TestMemoryOfHostileDocuments: for any document, decoding allocates in proportion to its size. It runs alone.
func TestMemoryOfHostileDocuments(t *testing.T) {
	const size = 200_000
	refused, highest := 0, 0.0
	for shape, document := range hostileShapes(size) {
		for model, decode := range memoryModels {
			for _, strict := range []bool{false, true} {
				if strict && model != "Members" {
					continue // strict decoding reports other errors
				}
				var err error
				data := []byte(document)
				got := allocatedBy(func() { err = decode(data, strict) })
				require.LessOrEqual(t, got, mostAllocated(len(document)), "%s as %s: %.1f times the document", shape, model, float64(got)/float64(len(document)))
				highest = max(highest, float64(got)/float64(mostAllocated(len(document))))
				if errors.Is(err, ErrResponseTooLarge) {
					refused++
					require.NotErrorIs(t, err, ErrDecode)
					require.Regexp(t, `^\w+: decoding the document of \d+ bytes takes more than \d+ bytes of memory$`, err.Error())
				}
			}
		}
	}
	require.Greater(t, refused, 20, "the shapes are hostile")
	t.Logf("%d documents were refused; the highest share of the bound was %.2f", refused, highest)
}

// TestMemoryOfHonestDocuments: pages of any length take little more than their maps, which have room for eight entries each. Those of a
// property that the model does not know count apart.
func TestMemoryOfHonestDocuments(t *testing.T) {
	unknown := regexp.MustCompile(`"customRolesInfo":\[[^]]*\],`)
	for _, n := range []int{1, 20, 1_000, 10_000} {
		var dense bytes.Buffer
		require.NoError(t, json.Compact(&dense, benchPage("members", benchMember, n)))
		for what, page := range map[string][]byte{"with": dense.Bytes(), "without": unknown.ReplaceAll(dense.Bytes(), nil)} {
			require.NoError(t, new(Members).UnmarshalJSON(page), "the scratch memory of the decoder is there")
			var v Members
			got := allocatedBy(func() { require.NoError(t, v.UnmarshalJSON(page)) })
			require.Len(t, v.Items, n)
			times := float64(got) / float64(len(page))
			t.Logf("%d members %s unknown properties: %.2f times the document", n, what, times)
			if n > 1 {
				require.Less(t, times, map[string]float64{"with": 3, "without": 2.5}[what])
			}
		}
	}
}

// TestMemoryOfRefusedNumbers: what converting a number leaves behind counts too.
func TestMemoryOfRefusedNumbers(t *testing.T) {
	const size = 3_000_000
	for what, document := range map[string]string{
		"out of range": `{"u":[0,[` + strings.Repeat("1e999,", size/6) + `0]]}`,
		"whole":        `{"validVersions":[` + strings.Repeat("1e0,", size/6) + `1],"u":{"v":[` + strings.Repeat(`{"":0},`, size/21) + `0]}}`,
		"in fields":    `{"totalCount":1e99` + strings.Repeat(`,"totalCount":1e99`, size/18) + "}",
	} {
		for _, model := range []model{new(Members), new(VersionsRep)} {
			got := allocatedBy(func() { _ = decodeDocument(model, []byte(document), false) })
			got -= uint64(len(document)) // the copy of the text above
			require.LessOrEqual(t, got, mostAllocated(len(document)), "%s: %.1f times the document", what, float64(got)/float64(len(document)))
		}
	}
}

// TestWhatAKeptItemKeeps: a copy of an item, or an optional part of one, keeps little of its page.
func TestWhatAKeptItemKeeps(t *testing.T) {
	page := benchPage("members", benchMember, 1000)
	keeps := func(part func(*Member) any) int64 {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.GC() // and the pool of decoders
		runtime.ReadMemStats(&before)
		var v Members
		require.NoError(t, v.UnmarshalJSON(page))
		kept := part(&v.Items[500])
		v = Members{}
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(kept)
		return int64(after.HeapAlloc) - int64(before.HeapAlloc)
	}
	for name, part := range map[string]func(*Member) any{
		"the member":         func(m *Member) any { c := *m; return &c },
		"its last session":   func(m *Member) any { return m.LastSeenMetadata },
		"its provisioning":   func(m *Member) any { return m.IntegrationMetadata },
		"its teams":          func(m *Member) any { return m.Teams },
		"its e-mail address": func(m *Member) any { return m.Email },
		"its first name":     func(m *Member) any { return m.FirstName },
	} {
		got := keeps(part)
		t.Logf("%s keeps %d bytes", name, got)
		require.Less(t, got, int64(24<<10), name)
	}
}

// TestTooMuchMemoryInACall: the error is that of an oversized response, and what was decoded is returned along with it.
func TestTooMuchMemoryInACall(t *testing.T) {
	body := `{"totalCount":7,"items":[` + strings.TrimSuffix(strings.Repeat("{},", 100_000), ",") + `]}`
	client := New(WithAccessToken(fakeToken), WithTransport(answering(200, body)))
	members, resp, err := client.AccountMembersApi.GetMembers(t.Context()).Execute()
	require.ErrorIs(t, err, ErrResponseTooLarge)
	require.NotErrorIs(t, err, ErrDecode)
	require.Equal(t, 200, requireAPIError(t, err).StatusCode())
	require.NotNil(t, resp)
	require.Equal(t, int32(7), members.GetTotalCount())
	require.Regexp(t, "^200 OK: Members: decoding the document of ", err.Error())
}

// FuzzDecodeMemory checks the bound of decoding for arbitrary documents, repeated so that the part in proportion to their size counts.
func FuzzDecodeMemory(f *testing.F) {
	for _, seed := range []string{`{"items":[`, "{},", `"role":1,`, `{"_links":{"a":{}}},`, `"a":[[]],`, "\x80", `\ud800`, "[", "1e9,"} {
		f.Add(`{"items":[`, seed, `]}`, uint16(1000))
	}
	f.Fuzz(func(t *testing.T, open, part, shut string, times uint16) {
		repeats := min(int(times), 1<<20/max(1, len(part))) // larger documents only make it slow
		data := []byte(open + strings.Repeat(part, repeats) + shut)
		for name, decode := range memoryModels {
			got := allocatedBy(func() { _ = decode(data, false) })
			if most := mostAllocated(len(data)); got > most {
				t.Fatalf("%s: %d bytes allocated, at most %d", name, got, most)
			}
		}
	})
}
