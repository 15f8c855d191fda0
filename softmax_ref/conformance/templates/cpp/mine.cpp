// A softmax in C++ for softmax-ref to judge: a request a line on standard input, an answer a line on standard output.
// build: g++ -std=c++17 -O2 -o mine mine.cpp
// check: softmax-ref check --command ./mine
#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <limits>
#include <string>
#include <vector>

// Your softmax here: logits z to probabilities y, where Real is float for binary32 and double for binary64.
template <class Real>
std::vector<Real> softmax(const std::vector<Real> &z) {
  Real m = -std::numeric_limits<Real>::infinity(), s = 0;
  std::vector<Real> y(z.size());
  for (Real x : z) m = std::max(m, x);
  for (std::size_t i = 0; i < z.size(); i++) s += y[i] = std::exp(z[i] - m);
  for (Real &p : y) p /= s;
  return y;
}

// The rest is the protocol. What follows a key of the line; each key that is asked for occurs once, or means the same.
const char *after(const std::string &line, const std::string &key) {
  auto at = line.find('"' + key + '"');
  return at == std::string::npos ? "" : line.c_str() + line.find_first_not_of(" :", at + key.size() + 2);
}

bool says(const std::string &line, const std::string &key, const std::string &value) {
  return !std::strncmp(after(line, key), ('"' + value + '"').c_str(), value.size() + 2);
}

// Rows of n patterns, `step` apart, become floats, and those of the results take their places.
template <class Real, class Pattern>
void rows(std::vector<std::uint64_t> &bits, std::size_t step, std::size_t n) {
  std::vector<Real> z(n);
  for (std::size_t start = 0; start < bits.size(); start++) {
    if (start / step % n != 0) continue;
    for (std::size_t i = 0; i < n; i++) {
      Pattern pattern = static_cast<Pattern>(bits[start + i * step]);
      std::memcpy(&z[i], &pattern, sizeof pattern);
    }
    std::vector<Real> y = softmax(z);
    for (std::size_t i = 0; i < n; i++) {
      Pattern pattern;
      std::memcpy(&pattern, &y.at(i), sizeof pattern);
      bits[start + i * step] = pattern;
    }
  }
}

void run(const std::string &line, bool single) {
  std::size_t size = 1, n = 1, step = 1;
  std::vector<std::size_t> shape;
  char *p = const_cast<char *>(after(line, "shape")) + 1;
  for (; *p != ']'; p += std::strspn(p, ", ")) shape.push_back(std::strtoull(p, &p, 10)), size *= shape.back();
  std::size_t rank = shape.size(), axis = (std::atol(after(line, "axis")) + rank) % std::max<std::size_t>(rank, 1);
  for (std::size_t d = axis; d < rank; d++) d == axis ? n = shape[d] : step *= shape[d];
  std::vector<std::uint64_t> bits(size);
  p = const_cast<char *>(after(line, "bits"));
  for (std::uint64_t &b : bits) b = std::strtoull(std::strchr(p, '"') + 1, &p, 16), p++;
  single ? rows<float, std::uint32_t>(bits, step, n) : rows<double, std::uint64_t>(bits, step, n);
  std::printf("{\"seq\": %ld, \"y\": [", std::atol(after(line, "seq")));
  for (std::size_t k = 0; k < size; k++) std::printf("%s\"0x%0*" PRIx64 "\"", k ? ", " : "", single ? 8 : 16, bits[k]);
  std::puts("]}");
}

int main() {
  for (std::string line; std::getline(std::cin, line) && !says(line, "op", "stop"); std::fflush(stdout)) {
    bool single = says(line, "format", "binary32"), known = single || says(line, "format", "binary64");
    if (says(line, "op", "start"))
      std::puts(R"({"name": "mine.cpp", "functions": ["softmax"], "formats": ["binary32", "binary64"]})");
    else if (known && says(line, "function", "softmax")) run(line, single);
    else std::printf("{\"seq\": %ld, \"skipped\": \"not offered\"}\n", std::atol(after(line, "seq")));
  }
}
