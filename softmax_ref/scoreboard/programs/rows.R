# R for softmax-ref to judge, one row at a time: Rscript --vanilla rows.R CALLS, where CALLS is a file with a function
# and its call on each line, with a tab between them.
table <- read.delim(commandArgs(TRUE)[1], header = FALSE, quote = "", stringsAsFactors = FALSE)
calls <- lapply(setNames(table[[2]], table[[1]]), function(call) parse(text = call))

value <- function(line, key) {
  found <- regexpr(paste0('"', key, '" *: *(\\[[^]]*\\]|"[^"]*"|[^,} ]+)'), line, perl = TRUE)
  if (found < 0) return("")
  start <- attr(found, "capture.start")
  gsub('[][" ]', "", substr(line, start, start + attr(found, "capture.length") - 1))
}

arrays <- function(line) {
  texts <- regmatches(line, gregexpr('"bits" *: *\\[\\K[^]]*', line, perl = TRUE))[[1]]
  given <- lapply(strsplit(gsub('[" ]', "", texts, perl = TRUE), ",", fixed = TRUE), numbers)
  setNames(given, c("z", "g")[seq_along(given)])
}

# Bits are read and written with the most significant byte first, on every processor.
numbers <- function(bits) {
  if (length(bits) == 0) return(numeric(0))
  digits <- charToRaw(tolower(paste(sub("^0[xX]", "", bits), collapse = "")))
  halves <- matrix(match(digits, charToRaw("0123456789abcdef")) - 1, nrow = 2)
  readBin(as.raw(16 * halves[1, ] + halves[2, ]), "double", length(bits), endian = "big")
}

patterns <- function(y) {
  pairs <- matrix(as.character(writeBin(as.double(y), raw(), endian = "big")), nrow = 8)
  sprintf('"0x%s"', apply(pairs, 2, paste, collapse = ""))
}

run <- function(line) {
  shape <- as.numeric(strsplit(sub('.*?"inputs".*?"shape": *\\[([^]]*)\\].*', "\\1", line, perl = TRUE), ",")[[1]])
  axis <- as.numeric(value(line, "axis"))
  if (!is.na(axis) && axis != -1 && axis != length(shape) - 1) return('"skipped": "one row at a time: the last axis"')
  given <- arrays(line)
  z <- given[[1]]
  wide <- if (is.na(axis)) length(z) else if (length(shape)) shape[length(shape)] else 1
  y <- unlist(lapply(split(z, (seq_along(z) - 1) %/% wide), function(row) {
    eval(calls[[value(line, "function")]], c(list(z = row, x = row), given[-1]))
  }), use.names = FALSE)
  sprintf('"y": [%s]', if (length(y)) paste(patterns(y), collapse = ", ") else "")
}

input <- file("stdin", "r")
while (length(line <- readLines(input, 1)) && value(line, "op") != "stop") {
  if (value(line, "op") == "start") {
    named <- paste(sprintf('"%s"', names(calls)), collapse = ", ")
    answer <- sprintf('"name": "R", "functions": [%s], "formats": ["binary64"]', named)
  } else {
    failed <- function(error) sprintf('"errored": "%s"', gsub('[^ !#-[^-~]|]', " ", conditionMessage(error)))
    answer <- paste0('"seq": ', value(line, "seq"), ", ", suppressWarnings(tryCatch(run(line), error = failed)))
  }
  cat("{", answer, "}\n", sep = "")
  flush(stdout())
}
