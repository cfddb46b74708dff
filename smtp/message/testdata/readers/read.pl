# Reads the mails named on standard input, one path a line, and prints what it
# finds in each as a line of JSON.
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use Encode qw(decode);
use JSON::PP;
use Mail::Address;
use MIME::Parser;

my $json = JSON::PP->new->ascii->canonical;
binmode STDOUT;

sub words { my ($s) = @_; return '' unless defined $s; $s =~ s/\r?\n//g; return decode('MIME-Header', $s) }

sub boxes {
    my ($head, $name) = @_;
    my $field = $head->get($name);
    return [] unless defined $field;
    $field =~ s/\r?\n//g;
    return [] if $field =~ /^\s*undisclosed-recipients:;\s*$/;
    my @all;
    for my $a (Mail::Address->parse($field)) {
        my $phrase = $a->phrase // '';
        if ($phrase =~ /^"(.*)"$/s) { $phrase = $1; $phrase =~ s/\\(.)/$1/gs }
        push @all, [words($phrase), $a->address];
    }
    return \@all;
}

sub text {
    my ($entity) = @_;
    my $body = $entity->bodyhandle or return ''; # of an empty part
    my $s = decode('UTF-8', $body->as_string, Encode::FB_CROAK);
    $s =~ s/\r\n/\n/g;
    return $s;
}

# Walks in the order of the mail.
sub walk {
    my ($entity, $found) = @_;
    my $shown = $entity->head->get('Content-Disposition');
    if (!defined $shown && $entity->parts) {
        walk($_, $found) for $entity->parts;
        return;
    }
    if (!defined $shown) {
        if ($entity->effective_type eq 'text/html') { $found->{html} = text($entity) }
        else {
            $found->{text} = text($entity);
            $found->{flowed} = ($entity->head->mime_attr('content-type.format') // '') eq 'flowed' ? JSON::PP::true : JSON::PP::false;
        }
        return;
    }
    my $id = $entity->head->get('Content-ID') // '';
    $id =~ s/^<|>\s*$//g;
    my $name = $entity->head->mime_attr('content-disposition.filename');
    my $body = $entity->bodyhandle ? $entity->bodyhandle->as_string : '';
    $body =~ s/\r?\n/\r\n/g if $entity->effective_type eq 'message/rfc822';
    # The names of RFC 2231 come as encoded-words.
    push @{ $found->{files} }, [words($name), sha256_hex($body), $id];
}

while (my $path = <STDIN>) {
    chomp $path;
    my $parser = MIME::Parser->new;
    $parser->output_to_core(1);
    $parser->tmp_to_core(1);
    $parser->extract_nested_messages(0);
    my $entity = $parser->parse_open($path);
    die "$path: $_\n" for grep { !/^\s*$/ } $parser->results->errors, $parser->results->warnings;
    my $head = $entity->head;
    my $found = {
        from => boxes($head, 'From'), to => boxes($head, 'To'), cc => boxes($head, 'Cc'), reply_to => boxes($head, 'Reply-To'),
        subject => words($head->get('Subject') // ''), text => undef, html => '', files => [],
    };
    walk($entity, $found);
    print $json->encode($found), "\n";
}
