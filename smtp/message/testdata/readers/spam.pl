# Prints for each mail named on standard input, one path a line, the rules of
# SpamAssassin that it meets, as a line of JSON. Nothing is asked of the network.
use strict;
use warnings;
use JSON::PP;
use Mail::SpamAssassin;

my $assassin = Mail::SpamAssassin->new({ local_tests_only => 1, dont_copy_prefs => 1, userprefs_filename => "/dev/null", userstate_dir => $ARGV[0], home_dir_for_helpers => $ARGV[0] });
while (my $path = <STDIN>) {
	chomp $path;
	open(my $in, "<", $path) or die "$path: $!";
	my @lines = <$in>;
	my $status = $assassin->check($assassin->parse(\@lines));
	my @rules = split(/,/, $status->get_names_of_tests_hit());
	print encode_json({ path => $path, rules => \@rules }), "\n";
	$status->finish();
}
