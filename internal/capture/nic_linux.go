package capture

import (
	"errors"
	"fmt"
	"net"
	"strconv"

	"golang.org/x/sys/unix"
)

// NICs lists the interfaces of this host that can be listened to: Ethernet's,
// and the loopback.
func NICs() ([]NIC, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	k, err := newKernelNICs()
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	defer k.close()
	var list []NIC
	for i := range all {
		kind, err := interfaceType(k.fd, all[i].Name)
		if err != nil || !carriesPTP(kind) {
			continue // gone meanwhile, or nothing that carries PTP
		}
		n, err := k.read(all[i].Name)
		if err != nil {
			n = NIC{Name: all[i].Name, ConfigError: err.Error()}
		}
		n.Link, n.Disabled = k.linkState(n.Name), all[i].Flags&net.FlagUp == 0
		list = append(list, n)
	}
	return list, nil
}

// carriesPTP says whether interfaces of that ARP hardware type have the frames
// that we read.
func carriesPTP(kind uint16) bool { return kind == unix.ARPHRD_ETHER || kind == unix.ARPHRD_LOOPBACK }

// kernelNICs are the NICs of the network namespace it was made in.
type kernelNICs struct{ fd int }

func newKernelNICs() (*kernelNICs, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("socket for ioctl: %w", err)
	}
	return &kernelNICs{fd}, nil
}

func (k *kernelNICs) close() error { return unix.Close(k.fd) }

func (k *kernelNICs) read(name string) (NIC, error) {
	n := NIC{Name: name, TxTypes: []TxType{}, RxFilters: []RxFilter{}}
	if driver, err := unix.IoctlGetEthtoolDrvinfo(k.fd, name); err == nil {
		n.Driver = unix.ByteSliceToString(driver.Driver[:])
	} else if kind, err := interfaceType(k.fd, name); err == nil && kind == unix.ARPHRD_LOOPBACK {
		n.Driver = driverLoopback
	}
	info, err := unix.IoctlGetEthtoolTsInfo(k.fd, name)
	if err != nil {
		return n, fmt.Errorf("ETHTOOL_GET_TS_INFO of %s: %w", name, err)
	}
	n.Modes = StampModes(info.So_timestamping)
	n.TxTypes, n.RxFilters = bitsOf[TxType](info.Tx_types), bitsOf[RxFilter](info.Rx_filters)
	if info.Phc_index >= 0 {
		n.Clock = "ptp" + strconv.Itoa(int(info.Phc_index))
	}
	if n.Config, err = k.config(name); err != nil {
		n.ConfigError = err.Error()
	}
	return n, nil
}

func (k *kernelNICs) config(name string) (HardwareConfig, error) {
	c, err := unix.IoctlGetHwTstamp(k.fd, name)
	if err != nil {
		return HardwareConfig{}, fmt.Errorf("SIOCGHWTSTAMP of %s: %w", name, err)
	}
	return HardwareConfig{c.Flags, TxType(c.Tx_type), RxFilter(c.Rx_filter)}, nil
}

func (k *kernelNICs) setConfig(name string, c HardwareConfig) error {
	err := unix.IoctlSetHwTstamp(k.fd, name, &unix.HwTstampConfig{Flags: c.Flags, Tx_type: int32(c.TxType), Rx_filter: int32(c.RxFilter)})
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.ERANGE) || errors.Is(err, unix.EINVAL):
		return fmt.Errorf("%w: SIOCSHWTSTAMP of %s: %w", errFilterRefused, name, err)
	case errors.Is(err, unix.EPERM):
		return fmt.Errorf("SIOCSHWTSTAMP of %s needs the capability CAP_NET_ADMIN: %w", name, err)
	}
	return fmt.Errorf("SIOCSHWTSTAMP of %s: %w", name, err)
}

// nameOf is the name of the interface of that index; "" for none.
func (k *kernelNICs) nameOf(index int) string {
	request, err := unix.NewIfreq("")
	if err != nil {
		return ""
	}
	request.SetUint32(uint32(index))
	if err := unix.IoctlIfreq(k.fd, unix.SIOCGIFNAME, request); err != nil {
		return ""
	}
	return request.Name()
}
