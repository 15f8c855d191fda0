// A softmax in Rust for softmax-ref to judge: a request a line on standard input, an answer a line on standard output.
// build: rustc -O -o mine mine.rs
// check: softmax-ref check --command ./mine
use std::io::{self, BufRead, Write};

// Your softmax here: logits to probabilities, one function a format.
fn softmax32(z: &[f32]) -> Vec<f32> {
    let m = z.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let e: Vec<f32> = z.iter().map(|x| (x - m).exp()).collect();
    let s: f32 = e.iter().sum();
    e.iter().map(|x| x / s).collect()
}

fn softmax64(z: &[f64]) -> Vec<f64> {
    let m = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let e: Vec<f64> = z.iter().map(|x| (x - m).exp()).collect();
    let s: f64 = e.iter().sum();
    e.iter().map(|x| x / s).collect()
}

fn row32(bits: Vec<u64>) -> Vec<u64> {
    let z: Vec<f32> = bits.iter().map(|&b| f32::from_bits(b as u32)).collect();
    softmax32(&z).iter().map(|p| p.to_bits() as u64).collect()
}

fn row64(bits: Vec<u64>) -> Vec<u64> {
    let z: Vec<f64> = bits.iter().map(|&b| f64::from_bits(b)).collect();
    softmax64(&z).iter().map(|p| p.to_bits()).collect()
}

// The rest is the protocol. The value of a key as text; each key that is asked for occurs once, or means the same.
fn value<'a>(line: &'a str, key: &str) -> &'a str {
    let key = format!("\"{}\"", key);
    let rest = line.find(&key).map_or("", |at| line[at + key.len()..].trim_start_matches([' ', ':']));
    match rest.strip_prefix('[') {
        Some(list) => list.split(']').next().unwrap_or(""),
        None => rest.split([',', '}']).next().unwrap_or("").trim().trim_matches('"'),
    }
}

fn entries<'a>(line: &'a str, key: &str) -> impl Iterator<Item = &'a str> {
    value(line, key).split(',').map(|x| x.trim().trim_matches('"')).filter(|x| !x.is_empty())
}

fn pattern(hex: &str) -> u64 {
    u64::from_str_radix(hex.trim_start_matches("0x").trim_start_matches("0X"), 16).expect("hexadecimal bits")
}

// Rows of n patterns, `step` apart, along the axis of an array in row-major order.
fn run(line: &str, digits: usize, row: fn(Vec<u64>) -> Vec<u64>) -> String {
    let shape: Vec<usize> = entries(line, "shape").map(|x| x.parse().expect("a length")).collect();
    let mut bits: Vec<u64> = entries(line, "bits").map(pattern).collect();
    let axis = value(line, "axis").parse::<isize>().unwrap_or(-1).rem_euclid(shape.len().max(1) as isize) as usize;
    let n = *shape.get(axis).unwrap_or(&1);
    let step: usize = shape.iter().skip(axis + 1).product();
    for start in (0..bits.len()).filter(|k| k / step % n == 0) {
        let y = row((0..n).map(|i| bits[start + i * step]).collect());
        y.iter().enumerate().for_each(|(i, &b)| bits[start + i * step] = b);
    }
    let y: Vec<String> = bits.iter().map(|b| format!("\"0x{:0w$x}\"", b, w = digits)).collect();
    format!("{{\"seq\": {}, \"y\": [{}]}}", value(line, "seq"), y.join(", "))
}

fn main() {
    let offer = r#"{"name": "mine.rs", "functions": ["softmax"], "formats": ["binary32", "binary64"]}"#;
    for line in io::stdin().lock().lines().map(|line| line.expect("UTF-8")) {
        let answer = match (value(&line, "op"), value(&line, "function"), value(&line, "format")) {
            ("stop", _, _) => break,
            ("start", _, _) => offer.into(),
            (_, "softmax", "binary32") => run(&line, 8, row32),
            (_, "softmax", "binary64") => run(&line, 16, row64),
            _ => format!("{{\"seq\": {}, \"skipped\": \"not offered\"}}", value(&line, "seq")),
        };
        println!("{}", answer);
        io::stdout().flush().expect("an open standard output");
    }
}
