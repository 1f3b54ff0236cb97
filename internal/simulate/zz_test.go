package simulate
import ("testing";"io";"fmt";"time";"sort";"strings")
func TestZZ(t *testing.T){
 for _, s := range List(){
  if s.Duration > 45*time.Minute { continue }
  tr, err := s.Run(t.Context(), 5, io.Discard)
  if err != nil { t.Error(s.Name, err); continue }
  for _, e := range tr.Episodes {
   var p []string
   for n, v := range e.MaxError { if !strings.HasPrefix(n,"client-") || n=="client-1" {p = append(p, fmt.Sprintf("%s=%.0f", n, float64(v)))} }
   sort.Strings(p)
   fmt.Printf("%-46s %-8s first+%-8v ff=%-7d of %-7d %s\n", s.Name, e.Kind, e.First.Sub(e.Start).Round(time.Millisecond), e.FirstFrame, tr.Frames, strings.Join(p," "))
  }
 }
}
