// Package manifests has no code, only a test of packaging/kubernetes against
// the types of the Kubernetes API. It is here, and not there, because those
// types are a large module, which ptpwatch itself has no use for.
package manifests
