// Package packaging has no code: what ptpwatch is installed from, and tests of
// that. build.sh makes the packages.
//
// The tests install them as users do, on a Debian of their own with systemd as
// its init, in a container (systemd-nspawn) that hears real ptp4l clocks in the
// lab's network namespaces. So the unit is run by the systemd that it is for,
// whatever runs the machine the tests are on; that may well be no systemd.
// There is no NIC with a clock in there: of /dev/ptp* only the permission to
// open it is tested.
//
// They need root, cgroups and what make deps installs, and fail where that is
// missing.
package packaging
