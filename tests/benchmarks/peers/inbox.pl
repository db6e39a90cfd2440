# Puts the messages of a folder into a new archive of public-inbox, in one process.
use strict;
use warnings;
use PublicInbox::Eml;
use PublicInbox::Git;
use PublicInbox::Import;

my ($git_dir, $folder) = @ARGV;
PublicInbox::Import::init_bare($git_dir);
my $import = PublicInbox::Import->new(PublicInbox::Git->new($git_dir), 'archive', 'archive@example.com');
for my $path (sort glob("$folder/*")) {
    open my $file, '<', $path or die "$path: $!";
    local $/;
    my $raw = <$file>;
    $import->add(PublicInbox::Eml->new(\$raw)) or die "$path was not added";
}
$import->done;
