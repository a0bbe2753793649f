/* Writes down what a program does to the files of one directory, in the order in which it does it, so that a test can
   say what a disk would hold had the power been cut in between. Loaded in front of libc (LD_PRELOAD).

   DISKSPY_ROOT  the directory; what happens elsewhere is not written down
   DISKSPY_LOG   the log; beside it LOG.N, what the file of line N held when it was synced

   A line for each call that succeeded, fields parted by tabs, paths relative to the directory:
     make PATH             opened and not there before
     cut PATH              opened and made empty
     write PATH
     sync PATH             fsync(2) or fdatasync(2) of a file, with its content in LOG.N
     syncdir PATH          fsync(2) of a directory ("." for the root)
     rename FROM TO
     link FROM TO
     unlink PATH
     mkdir PATH */
#pragma once
