/* Calls the static library. Exit status 0: all that it rendered was right. */
#include <stdint.h>
#include <stdio.h>

extern int32_t probe_leaves(void);
extern int32_t probe_engine(void);

int main(void) {
  int32_t leaves = probe_leaves(), engine = probe_engine();
  if (leaves != 0 || engine != 0) {
    fprintf(stderr, "no-std probe: leaves %d, engine %d\n", leaves, engine);
    return 1;
  }
  return 0;
}
