package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	gomodule "golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// checkout copies the files of the working tree that git knows or does not ignore, and commits them to a repository of
// their own.
func checkout(t *testing.T) string {
	t.Helper()
	list, err := output("../..", "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	require.NoError(t, err, "the files to release are those that git knows")
	tree := filepath.Join(t.TempDir(), "ldapi")
	for _, name := range strings.FieldsFunc(list, func(c rune) bool { return c == 0 }) {
		from, to := filepath.Join("../..", name), filepath.Join(tree, name)
		text, err := os.ReadFile(from)
		if os.IsNotExist(err) { // and not committed yet
			continue
		}
		require.NoError(t, err)
		info, err := os.Stat(from)
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o755))
		require.NoError(t, os.WriteFile(to, text, info.Mode()))
	}
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"add", "--all", "--force"}, {"commit", "-q", "-m", "The working tree"}} {
		_, err := output(tree, "git", args...)
		require.NoError(t, err)
	}
	return tree
}

// isolateGit keeps the settings of the user and of a surrounding git command away from the commits of the test. Clones of
// the repository are clones of tree.
func isolateGit(t *testing.T) {
	t.Helper()
	for _, name := range []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"} {
		if value, found := os.LookupEnv(name); found {
			require.NoError(t, os.Unsetenv(name))
			t.Cleanup(func() { _ = os.Setenv(name, value) })
		}
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	for _, who := range []string{"AUTHOR", "COMMITTER"} {
		t.Setenv("GIT_"+who+"_NAME", "Rehearsal")
		t.Setenv("GIT_"+who+"_EMAIL", "rehearsal@example.com")
	}
}

// world is where users install: a proxy, and what all their modules share.
type world struct {
	proxy string // folder
	bin   string // programs that go install builds
	env   []string
}

// newWorld returns a world with an empty proxy and an empty module cache. Modules of others come from where they always
// come from, and the build cache is that of the machine.
func newWorld(t *testing.T, tree string) *world {
	t.Helper()
	w := &world{proxy: t.TempDir(), bin: t.TempDir()}
	settings, err := output(".", "go", "env", "GOPROXY", "GONOSUMDB", "GOFLAGS")
	require.NoError(t, err)
	lines := strings.Split(settings, "\n")
	flags := strings.TrimSpace(lines[2] + " -modcacherw -trimpath") // -trimpath: other runs can use what was built
	w.env = append(os.Environ(),
		"GOMODCACHE="+t.TempDir(), "GOBIN="+w.bin, "PATH="+w.bin+string(os.PathListSeparator)+os.Getenv("PATH"),
		"GOPROXY=file://"+filepath.ToSlash(w.proxy)+","+others(t, lines[0]), "GONOPROXY=none",
		"GONOSUMDB="+strings.TrimPrefix(lines[1]+","+self, ","), "GOFLAGS="+flags, "GOWORK=off",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url."+tree+".insteadOf", "GIT_CONFIG_VALUE_0=https://"+self)
	return w
}

// others returns the proxies for modules of others. Go also asks them for modules of ours that do not exist: a package
// ldapitest could be a module. Some proxies refuse to answer, which ends the command, so our modules are answered here.
func others(t *testing.T, setting string) string {
	t.Helper()
	var proxies []string
	for _, base := range strings.FieldsFunc(setting, func(c rune) bool { return c == ',' || c == '|' }) {
		if !strings.HasPrefix(base, "http") {
			continue
		}
		relay := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/"+path.Dir(self)) {
				http.NotFound(w, r)
				return
			}
			http.Redirect(w, r, strings.TrimSuffix(base, "/")+r.URL.EscapedPath(), http.StatusFound)
		}))
		t.Cleanup(relay.Close)
		proxies = append(proxies, relay.URL)
	}
	if len(proxies) == 0 {
		return setting
	}
	return strings.Join(proxies, ",")
}

// publish serves a module of a repository at a revision. Names such as "main" stand for the version, too; the names do
// not list it.
func (w *world) publish(t *testing.T, tree, dir, revision, version string, names ...string) {
	t.Helper()
	m := gomodule.Version{Path: path.Join(self, dir), Version: version}
	folder := filepath.Join(w.proxy, m.Path, "@v")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	archive, err := os.Create(filepath.Join(folder, version+".zip"))
	require.NoError(t, err)
	require.NoError(t, zip.CreateFromVCS(archive, m, tree, revision, strings.TrimPrefix(dir, ".")))
	require.NoError(t, archive.Close())
	mod, err := output(tree, "git", "show", revision+":"+path.Join(dir, "go.mod"))
	require.NoError(t, err)
	info, err := json.Marshal(map[string]any{"Version": version, "Time": time.Now().UTC()})
	require.NoError(t, err)
	files := map[string]string{version + ".mod": mod, version + ".info": string(info), "list": version + "\n"}
	if len(names) > 0 {
		files["list"] = ""
		files["../@latest"] = string(info)
	}
	for _, name := range names {
		files[name+".info"] = string(info)
	}
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644))
	}
}

// user is a user's module.
type user struct {
	*world
	dir string
	env []string
}

// newUser makes an empty module.
func (w *world) newUser(t *testing.T) *user {
	t.Helper()
	u := &user{w, filepath.Join(t.TempDir(), "user"), w.env}
	require.NoError(t, os.Mkdir(u.dir, 0o755))
	u.run(t, "go mod init example.com/user")
	return u
}

// clone returns a copy of the module.
func (u *user) clone(t *testing.T) *user {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "user")
	require.NoError(t, os.CopyFS(dir, os.DirFS(u.dir)))
	return &user{u.world, dir, u.env}
}

func (u *user) write(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(u.dir, name)), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(u.dir, name), []byte(text), 0o644))
}

// try runs a line of a shell in the folder of the module.
func (u *user) try(line string) (string, error) {
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir = u.dir
	cmd.Env = u.env
	printed, err := cmd.CombinedOutput()
	return string(printed), err
}

func (u *user) run(t *testing.T, line string) string {
	t.Helper()
	began := time.Now()
	printed, err := u.try(line)
	require.NoError(t, err, "%s\n%s", line, printed)
	t.Logf("%4.1f s: %s", time.Since(began).Seconds(), line)
	return printed
}
