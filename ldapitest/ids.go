package ldapitest

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
)

// idSource invents IDs and secrets. The same seed yields the same sequence, so that a failing test can be repeated.
type idSource struct{ rng *rand.Rand }

func newIDSource(seed uint64) *idSource {
	return &idSource{rand.New(rand.NewPCG(seed, 0x6c64617069746573))}
}

func (s *idSource) bytes() [16]byte {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], s.rng.Uint64())
	binary.BigEndian.PutUint64(b[8:], s.rng.Uint64())
	return b
}

// objectID returns 24 lower-case hex digits.
func (s *idSource) objectID() string {
	b := s.bytes()
	return hex.EncodeToString(b[:12])
}

// uuid returns a version 4 UUID: secret scanners look for the "4", and so may users.
func (s *idSource) uuid() string {
	b := s.bytes()
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (s *idSource) secret() string { return "api-" + s.uuid() }

// validID reports whether id has the shape of the API's IDs.
func validID(id string) bool {
	return len(id) == 24 && strings.Trim(id, "0123456789abcdef") == ""
}
