# A softmax in R for softmax-ref to judge: a request a line on standard input, an answer a line on standard output.
# check: softmax-ref check --command "Rscript --vanilla mine.R"

# Your softmax here: a vector of logits to a vector of probabilities. Numbers are binary64; a result is rounded to the
# request's format when it is sent.
softmax <- function(z) {
  e <- exp(z - max(z))
  e / sum(e)
}

# The rest is the protocol. The text of a key's value; each key that is asked for occurs once, or means the same.
value <- function(line, key) {
  found <- regexpr(paste0('"', key, '" *: *(\\[[^]]*\\]|"[^"]*"|[^,} ]+)'), line, perl = TRUE)
  start <- attr(found, "capture.start")
  gsub('[][" ]', "", substr(line, start, start + attr(found, "capture.length") - 1))
}

entries <- function(line, key) strsplit(value(line, key), ",", fixed = TRUE)[[1]]

# Bits are read and written with the most significant byte first, on every processor.
numbers <- function(bits, bytes) {
  digits <- charToRaw(tolower(paste(sub("^0[xX]", "", bits), collapse = "")))
  halves <- matrix(match(digits, charToRaw("0123456789abcdef")) - 1, nrow = 2)
  readBin(as.raw(16 * halves[1, ] + halves[2, ]), "double", length(bits), size = bytes, endian = "big")
}

patterns <- function(y, bytes) {
  pairs <- matrix(as.character(writeBin(y, raw(), size = bytes, endian = "big")), nrow = bytes)
  sprintf('"0x%s"', do.call(paste0, lapply(seq_len(bytes), function(k) pairs[k, ])))
}

# Rows of n entries, `step` apart, along the axis of an array in row-major order.
along <- function(z, shape, axis) {
  axis <- axis %% max(length(shape), 1)
  n <- prod(shape[seq_along(shape) == axis + 1])
  step <- prod(shape[seq_along(shape) > axis + 1])
  y <- z
  places <- seq_along(z) - 1
  for (start in places[(places %/% step) %% n == 0]) {
    k <- start + step * (seq_len(n) - 1) + 1
    y[k] <- softmax(z[k])
  }
  y
}

run <- function(line, bytes) {
  y <- along(numbers(entries(line, "bits"), bytes), as.numeric(entries(line, "shape")), as.numeric(value(line, "axis")))
  sprintf('"y": [%s]', paste(patterns(y, bytes), collapse = ", "))
}

input <- file("stdin", "r")
while (length(line <- readLines(input, 1)) && value(line, "op") != "stop") {
  bytes <- c(binary32 = 4, binary64 = 8)[value(line, "format")]
  if (value(line, "op") == "start") {
    answer <- '"name": "mine.R", "functions": ["softmax"], "formats": ["binary32", "binary64"]'
  } else if (value(line, "function") != "softmax" || is.na(bytes)) {
    answer <- '"skipped": "not offered"'
  } else {
    failed <- function(error) sprintf('"errored": "%s"', gsub('[^ !#-[^-~]|]', " ", conditionMessage(error)))
    answer <- tryCatch(run(line, bytes), error = failed)
  }
  seq_of <- if (value(line, "op") == "run") sprintf('"seq": %s, ', value(line, "seq")) else ""
  cat("{", seq_of, answer, "}\n", sep = "")
  flush(stdout())
}
