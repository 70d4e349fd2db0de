package ldapi

// Version is the version of this module. The default User-Agent carries it.
const Version = "0.1.0"
