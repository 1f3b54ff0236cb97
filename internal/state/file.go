package state

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// File holds one value.
type File struct {
	path    string
	version int
}

// Path is where the file is.
func (f File) Path() string { return f.path }

// envelope is what is in the file. The checksum is of the content's octets as
// they stand there.
type envelope struct {
	Version int             `json:"version"`
	SHA256  string          `json:"sha256"`
	Content json.RawMessage `json:"content"`
}

// Damage is the error of a file that is there and does not hold what was
// written: nothing in it is to be believed.
type Damage struct{ text string }

func (d *Damage) Error() string { return d.text }

// maxFile is more than full tables take.
const maxFile = 256 << 20

// Write puts v in the place of what the file holds. When it returns nil, v is
// on the disk; when it does not, or never returns, the file holds what it held
// or v.
func (f File) Write(v any) error {
	content, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	sum := sha256.Sum256(content)
	data, err := json.Marshal(envelope{f.version, hex.EncodeToString(sum[:]), content})
	if err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	return replace(f.path, append(data, '\n'))
}

// Read fills v, which points to a zero value. The error is fs.ErrNotExist where
// there is no file, and a *Damage where it is not as Write left it; v is of no
// use then.
func (f File) Read(v any) error {
	opened, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer opened.Close()
	data, err := io.ReadAll(io.LimitReader(opened, maxFile+1))
	if err != nil {
		return fmt.Errorf("read %s: %w", f.path, err)
	}
	if err := f.decode(data, v); err != nil {
		return &Damage{fmt.Sprintf("%s is damaged: %v", f.path, err)}
	}
	return nil
}

func (f File) decode(data []byte, v any) error {
	if len(data) > maxFile {
		return fmt.Errorf("it is larger than %d MiB", maxFile>>20)
	}
	var e envelope
	if err := decodeStrict(data, &e); err != nil {
		return err
	}
	if e.Version != f.version {
		return fmt.Errorf("it is of version %d: this program reads version %d", e.Version, f.version)
	}
	if sum := sha256.Sum256(e.Content); e.SHA256 != hex.EncodeToString(sum[:]) {
		return errors.New("its checksum is not that of its content")
	}
	return decodeStrict(e.Content, v)
}

// decodeStrict takes one JSON value without keys that are not known.
func decodeStrict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("at octet %d: %w", d.InputOffset(), err)
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("at octet %d: there is more than one JSON value", d.InputOffset())
	}
	return nil
}

// SetAside keeps what the file holds under another name, which it returns, for
// somebody to look at. The file itself stays until the next Write, so that there
// is no moment in which it looks as if it had never been there.
func (f File) SetAside(at time.Time) (name string, err error) {
	name = f.path + ".damaged-" + at.UTC().Format("20060102T150405.000000000Z")
	if err = os.Link(f.path, name); err != nil {
		err = os.Rename(f.path, name) // a file system without links
	}
	if err != nil {
		return "", fmt.Errorf("set aside: %w", err)
	}
	return name, nil
}

// replace makes data all that is in the file called path. Nobody else writes
// there, so one name is enough for the file that is on its way.
func replace(path string, data []byte) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(f.Name())
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir puts a folder's list of names on the disk.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
