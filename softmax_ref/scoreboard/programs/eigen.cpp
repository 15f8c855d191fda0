// Eigen for softmax-ref to judge, one row at a time. Before it is compiled, the call of one function takes the place of
// CALL, on a row z, also called x, of Real; and the function's name that of NAME.
#include <Eigen/Core>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <type_traits>
#include <unsupported/Eigen/SpecialFunctions>
#include <vector>

template <class Real>
using Row = Eigen::Array<Real, Eigen::Dynamic, 1>;

template <class Real>
Row<Real> called(const Row<Real> &z) {
  const Row<Real> &x = z;
  auto one = [](const auto &found) -> Row<Real> {
    if constexpr (std::is_convertible_v<decltype(found), Real>) return Row<Real>::Constant(1, Real(found));
    else return found;
  };
  (void)x;
CALL;
}

const char *after(const std::string &line, const std::string &key) {
  auto at = line.find('"' + key + '"');
  return at == std::string::npos ? "" : line.c_str() + line.find_first_not_of(" :", at + key.size() + 2);
}

std::string text(const std::string &line, const std::string &key) {
  const char *from = after(line, key);
  return *from == '"' ? std::string(from + 1, std::strchr(from + 1, '"')) : "";
}

template <class Real, class Pattern>
void run(const std::string &line, int digits) {
  std::vector<long> shape;
  char *p = const_cast<char *>(after(line, "shape")) + 1;
  long size = 1;
  for (; *p != ']'; p += std::strspn(p, ", ")) shape.push_back(std::strtol(p, &p, 10)), size *= shape.back();
  long rank = shape.size(), axis = std::atol(after(line, "axis")), seq = std::atol(after(line, "seq"));
  bool rows = *after(line, "axis");
  if (rows && axis != -1 && axis != rank - 1)
    return void(std::printf("{\"seq\": %ld, \"skipped\": \"one row at a time: the last axis\"}\n", seq));
  long wide = rows ? (rank ? shape.back() : 1) : std::max(size, 1L);
  Row<Real> z(size);
  p = const_cast<char *>(after(line, "bits"));
  for (long k = 0; k < size; k++) {
    Pattern bits = std::strtoull(std::strchr(p, '"') + 1, &p, 16);
    std::memcpy(&z[k], &bits, sizeof bits), p++;
  }
  std::printf("{\"seq\": %ld, \"y\": [", seq);
  for (long start = 0; start < size; start += wide) {
    Row<Real> y = called<Real>(z.segment(start, wide));
    for (long k = 0; k < y.size(); k++) {
      Pattern bits;
      std::memcpy(&bits, &y[k], sizeof bits);
      std::printf("%s\"0x%0*" PRIx64 "\"", start + k ? ", " : "", digits, std::uint64_t(bits));
    }
  }
  std::puts("]}");
}

int main() {
  for (std::string line; std::getline(std::cin, line) && text(line, "op") != "stop"; std::fflush(stdout)) {
    std::string format = text(line, "format");
    if (text(line, "op") == "start")
      std::puts(R"({"name": "Eigen", "functions": [NAME], )"
                R"("formats": ["binary64", "binary32", "binary16", "bfloat16"]})");
    else if (format == "binary64") run<double, std::uint64_t>(line, 16);
    else if (format == "binary32") run<float, std::uint32_t>(line, 8);
    else if (format == "binary16") run<Eigen::half, std::uint16_t>(line, 4);
    else run<Eigen::bfloat16, std::uint16_t>(line, 4);
  }
}
