// Package modeltest holds no code: its test drives ldapitest through the real client, one random step after another, and
// compares it with a simple model of an account.
package modeltest
