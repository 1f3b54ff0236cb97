package config

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/ptpwatch/ptpwatch/internal/leap"
)

// maxFile is more than any configuration needs, and less than /dev/zero has.
const maxFile = 4 << 20

// Options are what Load cannot know.
type Options struct {
	Alerts []Alert                // every alert that detectors may name
	Flags  map[string]*pflag.Flag // flags that set a scalar key, by its path ("log.level")
	// Interfaces are the only ones to listen to. None: those that the file
	// lists.
	Interfaces []string
}

// Load reads the configuration: what a flag sets, else what the environment
// (PTPWATCH_LOG_LEVEL for log.level) sets, else what the file says, else the
// default. With file "" there is none. An empty variable counts as unset. For
// state_dir systemd's STATE_DIRECTORY goes before the default.
//
// A configuration that is refused gives a Problems; other errors are of
// reading the file.
func Load(file string, o Options) (*Config, error) {
	var data []byte
	if file != "" {
		var err error
		if data, err = readFile(file); err != nil {
			return nil, err
		}
	}
	environ := map[string]string{}
	for _, e := range os.Environ() {
		if name, text, _ := strings.Cut(e, "="); (strings.HasPrefix(name, "PTPWATCH_") || name == stateDirectory) && text != "" {
			environ[name] = text
		}
	}
	return load(file, data, environ, o)
}

// Parse reads a configuration from the bytes of a file of that name, and from
// nothing else.
func Parse(file string, data []byte, alerts []Alert) (*Config, error) {
	return load(file, data, nil, Options{Alerts: alerts})
}

// Default is the configuration that nobody has touched, not even the
// environment.
func Default(alerts []Alert) *Config {
	c, err := load("", nil, nil, Options{Alerts: alerts})
	if err != nil {
		panic(err) // a default that is not accepted: a test loads them
	}
	return c
}

func readFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("configuration: %s is larger than %d MiB", file, maxFile>>20)
	}
	return data, nil
}

// load layers the file's bytes and what counts of the environment.
func load(file string, data []byte, environ map[string]string, o Options) (*Config, error) {
	l := &layers{
		reader:  &reader{file: file, origins: origins{}, faulty: map[string]bool{}},
		viper:   viper.NewWithOptions(viper.KeyDelimiter(delimiter)),
		environ: environ,
		flags:   o.Flags,
	}
	root := keyTree(o.Alerts)
	if file != "" {
		if err := l.viper.MergeConfigMap(l.read(data, root)); err != nil {
			return nil, fmt.Errorf("configuration: %w", err)
		}
	}
	root.scalars(nil, l.add)
	c := &Config{origins: l.origins, keys: root}
	if err := l.viper.Unmarshal(c, viper.DecodeHook(decodeText)); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	c.nameDetectors(root.child("detectors"))
	c.resolve(file)
	c.locateState(environ[stateDirectory])
	l.loadLeapFile(c)
	l.warnings = append(l.warnings, strays(environ, root)...)
	l.validate(c)
	if len(l.problems) > 0 {
		l.problems.sort()
		return nil, l.problems
	}
	c.Warnings = l.warnings
	c.listenOnly(o.Interfaces)
	return c, nil
}

// layers puts one source above the other, and remembers which one won.
type layers struct {
	*reader
	viper    *viper.Viper
	environ  map[string]string
	flags    map[string]*pflag.Flag
	warnings Problems
}

// add gives viper the sources of one scalar. A text that is not accepted is
// reported and kept from viper.
func (l *layers) add(path []string, k *key) {
	key, dotted := strings.Join(path, delimiter), strings.Join(path, ".")
	if k.def != "" {
		l.viper.SetDefault(key, k.def)
	}
	if text, ok := l.environ[environment(path)]; ok {
		if l.override(dotted, "environment "+environment(path), text, k) {
			_ = l.viper.BindEnv(key, environment(path)) // fails without a key only
		}
	}
	if f := l.flags[dotted]; f != nil && f.Changed {
		if l.override(dotted, "flag --"+f.Name, f.Value.String(), k) {
			_ = l.viper.BindPFlag(key, f) // fails without a flag only
		}
	}
}

// override makes source the origin of a key, if it accepts the text.
func (l *layers) override(path, source, text string, k *key) bool {
	if err := k.check(text); err != nil {
		l.report(origin{source: source}, path, err.Error())
		return false
	}
	l.origins[path] = origin{source: source}
	return true
}

// decodeText is viper's way from the texts of all layers to typed values.
func decodeText(from, to reflect.Type, data any) (any, error) {
	if text, ok := data.(string); ok && from.Kind() == reflect.String && isScalar(to) {
		return parse(text, to)
	}
	return data, nil
}

// resolve reads relative paths in the file as ones beside the file.
func (c *Config) resolve(file string) {
	for key, path := range map[string]*string{
		"web_config_file": &c.WebConfigFile, "state_dir": &c.StateDir, "control_socket": &c.ControlSocket, "leap_file": &c.LeapFile,
		"evidence.dir": &c.Evidence.Dir,
	} {
		if *path != "" && !filepath.IsAbs(*path) && c.origins[key].source == file {
			*path = filepath.Join(filepath.Dir(file), *path)
		}
	}
}

// stateDirectory is what systemd sets for a unit with StateDirectory=: its
// folders, with colons between (systemd.exec(5)).
const stateDirectory = "STATE_DIRECTORY"

// locateState settles where state is kept when nobody has said it, and where
// the socket and the evidence are.
func (c *Config) locateState(fromSystemd string) {
	if c.StateDir == "" && fromSystemd != "" {
		c.StateDir, _, _ = strings.Cut(fromSystemd, ":")
		c.origins["state_dir"] = origin{source: "environment " + stateDirectory}
	}
	if c.ControlSocket == "" && c.StateDir != "" {
		c.ControlSocket = filepath.Join(c.StateDir, "ptpwatch.sock")
		delete(c.origins, "control_socket")
	}
	if c.Evidence.Dir == "" && c.StateDir != "" {
		c.Evidence.Dir = filepath.Join(c.StateDir, "evidence")
		delete(c.origins, "evidence.dir")
	}
}

// maxLeapFile is far more than a table of leap seconds takes.
const maxLeapFile = 1 << 20

// loadLeapFile reads the table that leap_file names.
func (l *layers) loadLeapFile(c *Config) {
	if c.LeapFile == "" {
		return
	}
	info, err := os.Stat(c.LeapFile)
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = fmt.Errorf("%s is not a regular file", c.LeapFile)
	case info.Size() == 0 || info.Size() > maxLeapFile:
		err = fmt.Errorf("%s has %d octets: accepted: 1 to %d", c.LeapFile, info.Size(), maxLeapFile)
	default:
		c.LeapTable, err = leap.Read(c.LeapFile)
	}
	if err != nil {
		l.refuse("leap_file", "%v", err)
	}
}

// listenOnly leaves the named interfaces in the list; those it lacks have
// nothing but defaults.
func (c *Config) listenOnly(names []string) {
	if len(names) == 0 {
		return
	}
	listed := c.Interfaces
	c.Interfaces = nil
	for _, name := range names {
		is := func(in Interface) bool { return in.Name == name }
		if slices.ContainsFunc(c.Interfaces, is) {
			continue
		}
		in := Interface{Name: name, Timestamping: "auto", HWTstamp: "observe", Timescale: "auto", Capture: "message", Reference: "none"}
		if i := slices.IndexFunc(listed, is); i >= 0 {
			in = listed[i]
		}
		c.Interfaces = append(c.Interfaces, in)
	}
}

// strays warns of variables that look like a slip. Others are left alone:
// Kubernetes sets PTPWATCH_SERVICE_HOST and its like for a service's sake.
func strays(environ map[string]string, root *key) Problems {
	var known []string
	root.scalars(nil, func(path []string, _ *key) { known = append(known, environment(path)) })
	var found Problems
	for _, name := range slices.Sorted(maps.Keys(environ)) {
		if slices.Contains(known, name) {
			continue
		}
		if near, ok := Nearest(name, known); ok {
			text := fmt.Sprintf("sets nothing: did you mean %s?", near)
			found = append(found, Problem{origin{source: "environment " + name}, "", text})
		}
	}
	return found
}
