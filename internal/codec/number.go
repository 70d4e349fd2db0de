package codec

import (
	"bytes"
	"strconv"
)

// isNumber reports whether text is a number as JSON writes it.
func isNumber(text []byte) bool {
	digits := func() bool {
		n := 0
		for n < len(text) && '0' <= text[n] && text[n] <= '9' {
			n++
		}
		text = text[n:]
		return n > 0
	}
	text = bytes.TrimPrefix(text, []byte("-"))
	if len(text) > 1 && text[0] == '0' && '0' <= text[1] && text[1] <= '9' || !digits() {
		return false
	}
	if len(text) > 0 && text[0] == '.' {
		text = text[1:]
		if !digits() {
			return false
		}
	}
	if len(text) > 0 && (text[0] == 'e' || text[0] == 'E') {
		text = text[1:]
		if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
			text = text[1:]
		}
		return digits() && len(text) == 0
	}
	return len(text) == 0
}

// wholeNumber returns the value of a JSON number if it is an integer of 64 bits. It is exact: a float64 is not beyond 2^53.
func wholeNumber(text []byte) (int64, bool) {
	mantissa, exponent, _ := bytes.Cut(bytes.ToLower(text), []byte("e"))
	shift := 0
	if len(exponent) > 0 {
		var err error
		if shift, err = strconv.Atoi(string(exponent)); err != nil {
			shift = len(text) + 100 // out of range; Atoi does not report in which direction
			if exponent[0] == '-' {
				shift = -shift
			}
		}
	}
	mantissa, negative := bytes.CutPrefix(mantissa, []byte("-"))
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	digits := bytes.TrimLeft(append(append(make([]byte, 0, len(mantissa)), whole...), fraction...), "0")
	point := len(digits) - len(fraction) + shift // digits before the decimal point
	digits = bytes.TrimRight(digits, "0")
	const most = 19 // digits of the largest integer
	switch {
	case len(digits) == 0:
		return 0, true
	case point < len(digits) || point > most:
		return 0, false
	}
	for len(digits) < point {
		digits = append(digits, '0')
	}
	if negative {
		digits = append([]byte("-"), digits...)
	}
	n, err := strconv.ParseInt(string(digits), 10, 64)
	return n, err == nil
}
