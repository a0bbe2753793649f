/* Logs a program's calls on the files of one directory, in order, so that a test can derive the content of the disk
   after a power cut at any point. Loaded before libc (LD_PRELOAD).

   DISKSPY_ROOT  the directory; calls elsewhere are not logged
   DISKSPY_LOG   the log; next to it LOG.N, the content of the file of line N when it was synced

   One line for each successful call, with fields separated by tabs and paths relative to the directory:
     make PATH             opened and created
     cut PATH              opened and truncated
     write PATH
     sync PATH             fsync(2) or fdatasync(2) of a file, with its content in LOG.N
     syncdir PATH          fsync(2) of a directory ("." for the root)
     rename FROM TO
     link FROM TO
     unlink PATH
     mkdir PATH */
#pragma once
