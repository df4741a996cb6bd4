// Reads and writes our log's formats with Go's own libraries, which share nothing with ours.
//
// Each line of the input is a request as JSON, each line of the output its answer.
package main

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type request struct {
	Do      string
	Name    string
	Text    string
	Key     string
	Note    string
	Keys    []string
	Leaves  [][]byte
	Proof   []tlog.Hash
	Old     int64
	OldRoot tlog.Hash
	Size    int64
	Root    tlog.Hash
	Index   int64
	Leaf    []byte
}

type answer struct {
	Error   string      `json:"error"`
	Text    string      `json:"text,omitempty"`
	Note    string      `json:"note,omitempty"`
	Names   []string    `json:"names,omitempty"`
	Private string      `json:"private,omitempty"`
	Public  string      `json:"public,omitempty"`
	Root    *tlog.Hash  `json:"root,omitempty"`
	OldRoot *tlog.Hash  `json:"old_root,omitempty"`
	Growth  []tlog.Hash `json:"growth,omitempty"`
	Path    []tlog.Hash `json:"path,omitempty"`
}

// open verifies a note with these keys.
func open(asked request) (answer, error) {
	var known []note.Verifier
	for _, key := range asked.Keys {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			return answer{}, err
		}
		known = append(known, verifier)
	}
	found, err := note.Open([]byte(asked.Note), note.VerifierList(known...))
	if err != nil {
		return answer{}, err
	}
	said := answer{Text: found.Text}
	for _, signature := range found.Sigs {
		said.Names = append(said.Names, signature.Name)
	}
	return said, nil
}

// sign makes a new key of this name and a note with it.
func sign(asked request) (answer, error) {
	private, public, err := note.GenerateKey(rand.Reader, asked.Name)
	if err != nil {
		return answer{}, err
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		return answer{}, err
	}
	whole, err := note.Sign(&note.Note{Text: asked.Text}, signer)
	return answer{Note: string(whole), Private: private, Public: public}, err
}

// prove builds a tree of these leaves, and proves its growth and one record.
func prove(asked request) (answer, error) {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, index := range indexes {
			found = append(found, stored[index])
		}
		return found, nil
	})
	for number, leaf := range asked.Leaves {
		hashes, err := tlog.StoredHashes(int64(number), leaf, reader)
		if err != nil {
			return answer{}, err
		}
		stored = append(stored, hashes...)
	}
	size := int64(len(asked.Leaves))
	root, err := tlog.TreeHash(size, reader)
	if err != nil {
		return answer{}, err
	}
	old, err := tlog.TreeHash(asked.Old, reader)
	if err != nil {
		return answer{}, err
	}
	growth, err := tlog.ProveTree(size, asked.Old, reader)
	if err != nil {
		return answer{}, err
	}
	path, err := tlog.ProveRecord(size, asked.Index, reader)
	return answer{Root: &root, OldRoot: &old, Growth: growth, Path: path}, err
}

func done(asked request) (answer, error) {
	switch asked.Do {
	case "open":
		return open(asked)
	case "sign":
		return sign(asked)
	case "prove":
		return prove(asked)
	case "growth":
		return answer{}, tlog.CheckTree(asked.Proof, asked.Size, asked.Root, asked.Old, asked.OldRoot)
	case "record":
		leaf := tlog.RecordHash(asked.Leaf)
		return answer{}, tlog.CheckRecord(asked.Proof, asked.Size, asked.Root, asked.Index, leaf)
	}
	return answer{}, fmt.Errorf("unknown request %q", asked.Do)
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked request
		err := json.Unmarshal(lines.Bytes(), &asked)
		var said answer
		if err == nil {
			said, err = done(asked)
		}
		if err != nil {
			said = answer{Error: err.Error()}
		}
		if err := answers.Encode(said); err != nil {
			panic(err)
		}
	}
}
