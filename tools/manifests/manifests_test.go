package manifests

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"
)

// folder is where the manifests are.
var folder = filepath.Join("..", "..", "packaging", "kubernetes")

// read takes a file's documents apart, each into the value at its place. A field
// that the type does not have, or one of another type, is an error.
func read(t *testing.T, name string, into ...any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	documents := bytes.Split(b, []byte("\n---\n"))
	if len(documents) != len(into) {
		t.Fatalf("%s has %d documents, want %d", name, len(documents), len(into))
	}
	for i, d := range documents {
		if err := yaml.UnmarshalStrict(d, into[i]); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// kind is what an object says it is.
func kind(t *testing.T, m metav1.TypeMeta, o metav1.ObjectMeta, version, kind string) {
	t.Helper()
	if m.APIVersion != version || m.Kind != kind {
		t.Errorf("%s %s, want %s %s", m.APIVersion, m.Kind, version, kind)
	}
	if kind != "Namespace" && o.Namespace != "ptpwatch" {
		t.Errorf("%s %s is in namespace %q", kind, o.Name, o.Namespace)
	}
}

func TestNamespace(t *testing.T) {
	var namespace corev1.Namespace
	var account corev1.ServiceAccount
	read(t, "namespace.yaml", &namespace, &account)
	kind(t, namespace.TypeMeta, namespace.ObjectMeta, "v1", "Namespace")
	kind(t, account.TypeMeta, account.ObjectMeta, "v1", "ServiceAccount")
	if namespace.Labels["pod-security.kubernetes.io/enforce"] != "privileged" {
		t.Error("pods on the host's network are not let in")
	}
}

// TestDaemonSet checks what the API server would refuse, and what would leave
// the pod with more than it needs.
func TestDaemonSet(t *testing.T) {
	var set appsv1.DaemonSet
	var values corev1.ConfigMap
	var account corev1.ServiceAccount
	read(t, "daemonset.yaml", &set)
	read(t, "configmap.yaml", &values)
	read(t, "namespace.yaml", &corev1.Namespace{}, &account)
	kind(t, set.TypeMeta, set.ObjectMeta, "apps/v1", "DaemonSet")
	kind(t, values.TypeMeta, values.ObjectMeta, "v1", "ConfigMap")

	selector, err := metav1.LabelSelectorAsSelector(set.Spec.Selector)
	if err != nil || selector.Empty() || !selector.Matches(labels.Set(set.Spec.Template.Labels)) {
		t.Errorf("the selector %v does not select the pods, %v (%v)", selector, set.Spec.Template.Labels, err)
	}
	pod := set.Spec.Template.Spec
	if pod.ServiceAccountName != account.Name || !pod.HostNetwork || pod.DNSPolicy != corev1.DNSClusterFirstWithHostNet {
		t.Errorf("service account %q, host network %v, DNS %q", pod.ServiceAccountName, pod.HostNetwork, pod.DNSPolicy)
	}
	if len(pod.Containers) != 1 {
		t.Fatalf("%d containers, want one", len(pod.Containers))
	}
	c := pod.Containers[0]
	unprivileged(t, c.SecurityContext)
	ports := make(map[string]int32)
	for _, p := range c.Ports {
		ports[p.Name] = p.ContainerPort
		if p.HostPort != p.ContainerPort {
			t.Errorf("on the host's network port %d is not %d", p.ContainerPort, p.HostPort)
		}
	}
	for name, probe := range map[string]*corev1.Probe{"liveness": c.LivenessProbe, "readiness": c.ReadinessProbe} {
		if probe == nil || probe.HTTPGet == nil || ports[probe.HTTPGet.Port.StrVal] != 9588 {
			t.Errorf("%s: %+v does not ask port 9588", name, probe)
		}
	}
	mounted(t, pod, c, values.Name)
	if c.Resources.Requests.Memory().IsZero() || c.Resources.Limits.Memory().IsZero() || !c.Resources.Limits.Cpu().IsZero() {
		t.Errorf("resources %+v: want memory asked for and limited, and no limit of processor time", c.Resources)
	}
}

// unprivileged wants packet sockets and nothing else.
func unprivileged(t *testing.T, s *corev1.SecurityContext) {
	t.Helper()
	no := func(b *bool) bool { return b != nil && !*b }
	switch {
	case s == nil || s.Capabilities == nil || s.SeccompProfile == nil || s.ReadOnlyRootFilesystem == nil:
		t.Errorf("security context %+v lacks something", s)
	case !no(s.Privileged), !no(s.AllowPrivilegeEscalation), !*s.ReadOnlyRootFilesystem, s.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault:
		t.Errorf("security context %+v allows too much", s)
	case len(s.Capabilities.Drop) != 1 || s.Capabilities.Drop[0] != "ALL" || len(s.Capabilities.Add) != 1 || s.Capabilities.Add[0] != "NET_RAW":
		t.Errorf("capabilities %+v, want NET_RAW alone", s.Capabilities)
	}
}

// mounted wants each mount to have its volume, and the configuration's to be the
// ConfigMap.
func mounted(t *testing.T, pod corev1.PodSpec, c corev1.Container, values string) {
	t.Helper()
	volumes := make(map[string]corev1.VolumeSource)
	for _, v := range pod.Volumes {
		volumes[v.Name] = v.VolumeSource
	}
	for _, m := range c.VolumeMounts {
		v, ok := volumes[m.Name]
		if !ok {
			t.Errorf("%s is mounted from no volume", m.MountPath)
		}
		if m.MountPath == "/etc/ptpwatch" && (v.ConfigMap == nil || v.ConfigMap.Name != values) {
			t.Errorf("%s comes from %+v, want the ConfigMap %s", m.MountPath, v, values)
		}
		delete(volumes, m.Name)
	}
	if len(volumes) > 0 {
		t.Errorf("volumes that nobody mounts: %v", volumes)
	}
}
