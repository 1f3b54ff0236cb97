// Package compose has no code, only a test of dashboards/compose.yaml by the
// module that Docker Compose itself reads such files with. It is here because
// ptpwatch has no use for that module.
package compose
