# A softmax in Perl for softmax-ref to judge: a request a line on standard input, an answer a line on standard output.
# check: softmax-ref check --command "perl mine.pl"
use strict;
use warnings;
use List::Util qw(max product sum);

# Your softmax here: a list of logits to a list of probabilities. Numbers are binary64; a result is rounded to the
# request's format when it is sent.
sub softmax {
    my $m = max(@_);
    my @e = map { exp($_ - $m) } @_;
    my $s = sum(@e);
    return map { $_ / $s } @e;
}

# The rest is the protocol. The text of a key's value; each key that is asked for occurs once, or means the same.
sub value {
    my ($line, $key) = @_;
    return $line =~ /"$key"\s*:\s*(?:\[([^\]]*)\]|"([^"]*)"|([^,}\s]+))/ ? $1 // $2 // $3 : "";
}

# Rows of n entries, `step` apart, along the axis of an array in row-major order.
sub along {
    my ($axis, $shape, @z) = @_;
    my $at = $axis < 0 ? $axis + @$shape : $axis;
    my $n = @$shape ? $shape->[$at] : 1;
    my $step = product(1, @$shape[$at + 1 .. $#$shape]);
    my @y;
    for my $start (grep { int($_ / $step) % $n == 0 } 0 .. $#z) {
        my @places = map { $start + $step * $_ } 0 .. $n - 1;
        @y[@places] = softmax(@z[@places]);
    }
    return @y;
}

# Bits are read and written with the most significant byte first, on every processor.
sub run {
    my ($line, $code) = @_;
    my @shape = value($line, "shape") =~ /\d+/g;
    my @z = map { unpack($code, pack("H*", $_)) } value($line, "bits") =~ /"(?:0[xX])?([0-9a-fA-F]+)"/g;
    my @y = along(value($line, "axis"), \@shape, @z);
    return '"y": [' . join(", ", map { '"0x' . unpack("H*", pack($code, $_)) . '"' } @y) . "]";
}

my %codes = (binary32 => "f>", binary64 => "d>");
$| = 1;
while (my $line = <STDIN>) {
    last if value($line, "op") eq "stop";
    if (value($line, "op") eq "start") {
        print '{"name": "mine.pl", "functions": ["softmax"], "formats": ["binary32", "binary64"]}', "\n";
        next;
    }
    my $code = $codes{value($line, "format")};
    my $answer = '"skipped": "not offered"';
    if (value($line, "function") eq "softmax" && $code) {
        $answer = eval { run($line, $code) } // '"errored": "' . $@ =~ s/[^ !#-\[\]-~]/ /gr . '"';
    }
    print '{"seq": ', value($line, "seq"), ", $answer}\n";
}
