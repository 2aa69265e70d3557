#!/usr/bin/perl
# Mail::DKIM as a peer, many messages in one process.
#
# dkim_peer.pl verify RECORDS FILE...           "pass FILE" or "RESULT FILE" a line
# dkim_peer.pl arc RECORDS FILE...              the same of the ARC chain
# dkim_peer.pl sign KEY CANON SELECTOR IN OUT   rsa-sha256
# RECORDS: lines of "NAME TXT".
use strict;
use warnings;
use Mail::DKIM::ARC::Verifier;
use Mail::DKIM::Signer;
use Mail::DKIM::Verifier;
use Net::DNS;

my %records;
{
	no warnings 'redefine';
	sub answer {
		my ($name, $type) = @_;
		my $text = $records{ lc $name };
		return () if !defined $text || $type ne 'TXT';
		return (Net::DNS::RR->new(name => $name, type => 'TXT', txtdata => [ $text =~ /(.{1,255})/g ]));
	}
	*Mail::DKIM::DNS::query = \&answer;
	*Mail::DKIM::DNS::query_async = sub {
		my ($name, $type, %args) = @_;
		my @result = $args{Callbacks}{Success}->(answer($name, $type));
		return sub { return wantarray ? @result : $result[0] };
	};
}

sub slurp {
	my ($path) = @_;
	open my $in, '<:raw', $path or die "$path: $!";
	local $/;
	my $text = <$in>;
	close $in;
	$text =~ s/\n/\r\n/g if $text !~ /\r\n/; # as SMTP would carry it
	$text .= "\r\n" if $text !~ /\r\n\z/;
	return $text;
}

sub load {
	open my $in, '<', shift or die $!;
	while (<$in>) {
		chomp;
		my ($name, $text) = split / /, $_, 2;
		$records{ lc $name } = $text;
	}
	close $in;
}

my $verb = shift;
if ($verb eq 'verify' || $verb eq 'arc') {
	load(shift);
	for my $path (@ARGV) {
		my $peer = $verb eq 'arc' ? Mail::DKIM::ARC::Verifier->new(Strict => 1) : Mail::DKIM::Verifier->new(Strict => 1);
		$peer->PRINT(slurp($path));
		$peer->CLOSE;
		my @all = $verb eq 'arc' ? () : map { $_->result } $peer->signatures;
		my $result = $verb eq 'arc' ? $peer->result : (grep { $_ ne 'pass' } @all) ? "@all" : @all ? 'pass' : 'none';
		print "$result $path ", $peer->result_detail // '', "\n";
	}
} else {
	my ($key, $canon, $selector, $from, $to) = @ARGV;
	my $text = slurp($from);
	my $signer = Mail::DKIM::Signer->new(Algorithm => 'rsa-sha256', Method => $canon, Domain => 'example.org',
		Selector => $selector, KeyFile => $key);
	$signer->PRINT($text);
	$signer->CLOSE;
	open my $out, '>:raw', $to or die $!;
	print $out $signer->signature->as_string, "\r\n", $text;
	close $out;
}
