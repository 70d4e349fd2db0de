// Package hostile tests the client against servers that break the rules of HTTP on purpose, frame by frame.
package hostile
