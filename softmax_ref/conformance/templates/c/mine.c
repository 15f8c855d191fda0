/* A softmax in C for softmax-ref to judge: a request a line on standard input, an answer a line on standard output.
   build: cc -O2 -o mine mine.c -lm
   check: softmax-ref check --command ./mine */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Your softmax here: n logits z to n probabilities y, one function a format. */
static void softmax32(const float *z, float *y, size_t n) {
  float m = -INFINITY, s = 0;
  for (size_t i = 0; i < n; i++) m = fmaxf(m, z[i]);
  for (size_t i = 0; i < n; i++) s += y[i] = expf(z[i] - m);
  for (size_t i = 0; i < n; i++) y[i] /= s;
}

static void softmax64(const double *z, double *y, size_t n) {
  double m = -INFINITY, s = 0;
  for (size_t i = 0; i < n; i++) m = fmax(m, z[i]);
  for (size_t i = 0; i < n; i++) s += y[i] = exp(z[i] - m);
  for (size_t i = 0; i < n; i++) y[i] /= s;
}

/* The rest is the protocol. What follows a key of the line: each key that is asked for occurs once or says the same. */
static char *after(const char *line, const char *key) {
  char *found = strstr(line, key);
  return found ? found + strlen(key) + strspn(found + strlen(key), " :") : "";
}

static int says(const char *line, const char *key, const char *value) {
  return !strncmp(after(line, key), value, strlen(value));
}

/* A row of n patterns, `step` apart, becomes floats, and those of the result take its place. */
static void row(uint64_t *bits, size_t step, size_t n, int single) {
  void *z = malloc(8 * n), *y = malloc(8 * n);
  for (size_t i = 0; i < n; i++) {
    uint32_t low = (uint32_t)bits[i * step];
    single ? memcpy((float *)z + i, &low, 4) : memcpy((double *)z + i, bits + i * step, 8);
  }
  single ? softmax32(z, y, n) : softmax64(z, y, n);
  for (size_t i = 0; i < n; i++) {
    uint32_t low;
    single ? memcpy(&low, (float *)y + i, 4) : memcpy(bits + i * step, (double *)y + i, 8);
    if (single) bits[i * step] = low;
  }
  free(z), free(y);
}

static void run(char *line, int single) {
  size_t rank = 0, size = 1, n = 1, step = 1, shape[32];
  char *p = after(line, "\"shape\"") + 1;
  for (; *p != ']' && rank < 32; p += strspn(p, ", ")) size *= shape[rank++] = strtoull(p, &p, 10);
  size_t axis = (size_t)(strtol(after(line, "\"axis\""), NULL, 10) + (long)rank) % (rank ? rank : 1);
  for (size_t d = axis; d < rank; d++) d == axis ? (n = shape[d]) : (step *= shape[d]);
  uint64_t *bits = malloc(8 * size + 8);
  p = after(line, "\"bits\"");
  for (size_t k = 0; k < size; k++, p++) bits[k] = strtoull(strchr(p, '"') + 1, &p, 16);
  for (size_t k = 0; k < size; k++) if (k / step % n == 0) row(bits + k, step, n, single);
  printf("{\"seq\": %ld, \"y\": [", strtol(after(line, "\"seq\""), NULL, 10));
  for (size_t k = 0; k < size; k++) printf("%s\"0x%0*" PRIx64 "\"", k ? ", " : "", single ? 8 : 16, bits[k]);
  puts("]}");
  free(bits);
}

int main(void) {
  char *line = NULL;
  size_t room = 0;
  for (; getline(&line, &room, stdin) > 0 && !says(line, "\"op\"", "\"stop\""); fflush(stdout)) {
    int single = says(line, "\"format\"", "\"binary32\""), known = single || says(line, "\"format\"", "\"binary64\"");
    if (says(line, "\"op\"", "\"start\"")) {
      puts("{\"name\": \"mine.c\", \"functions\": [\"softmax\"], \"formats\": [\"binary32\", \"binary64\"]}");
    } else if (known && says(line, "\"function\"", "\"softmax\"")) run(line, single);
    else printf("{\"seq\": %ld, \"skipped\": \"not offered\"}\n", strtol(after(line, "\"seq\""), NULL, 10));
  }
  free(line);
}
