package post

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"sendoff/config/discover"
	"sendoff/config/provider"
)

// Discover looks for the servers of an address, as discover.Finder.Find does.
// Tables of providers in the folder providers.d go before all else.
func (r *Room) Discover(ctx context.Context, address string, consent bool, report func(discover.Step)) (discover.Found, error) {
	f := discover.Finder{Resolver: r.opts.Resolver, Web: r.opts.Web}
	if f.Resolver == nil {
		f.Resolver = net.DefaultResolver
	}
	if f.Web == nil {
		f.Web = discover.Transport()
	}
	var err error
	if f.Builtin, err = provider.Builtin(); err != nil {
		return discover.Found{}, err
	}
	if f.Own, err = ownProviders(filepath.Join(r.home.ConfigDir, "providers.d")); err != nil {
		return discover.Found{}, err
	}
	return f.Find(ctx, address, consent, report)
}

// ownProviders reads the person's tables of providers.
func ownProviders(folder string) (provider.Table, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.toml"))
	if err != nil {
		return nil, err
	}
	var all provider.Table
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, &FileError{path, err}
		}
		t, err := provider.Parse(string(text))
		if err != nil {
			return nil, &FileError{path, errors.Join(fmt.Errorf("%s: %w", path, err))}
		}
		all = append(all, t...)
	}
	return all, nil
}
