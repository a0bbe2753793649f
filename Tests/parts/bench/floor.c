/* The floor: the latency of a C program that only plays. The clip is in memory, the PCM is prepared, and one write starts
   it.

     floor PCM CLIP self N               presses itself, without any input
     floor PCM CLIP line N VALUE…        waits for edges of GPIO lines' value files in sysfs; the first one plays
     floor PCM CLIP socket PATH N VALUE… waits for a line on a Unix socket, and replies; watches these GPIO lines as well
     floor PCM CLIP spawn N PROGRAM …    starts a program for each press instead

   A device watches all its buttons in one poll(2), which asks each file whether it is ready. CLIP is raw, 48 kHz, 16 bits, mono. `self` and `spawn` print the times of their presses (CLOCK_MONOTONIC, ns). */
#define _GNU_SOURCE
#include <alsa/asoundlib.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
static snd_pcm_t *pcm;
static short clip[9600];
static long frames;

static void die(const char *what) {
  perror(what);
  exit(2);
}

static void note_press(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  printf("%lld\n", now.tv_sec * 1000000000LL + now.tv_nsec);
}

static void pause_for(long milliseconds) { poll(NULL, 0, (int)milliseconds); }

static void play(void) {
  if (snd_pcm_writei(pcm, clip, (snd_pcm_uframes_t)frames) < 0) die("write");
}

/* The same pause as before firstwordd's presses, because an idle processor wakes more slowly. */
static void ready(void) {
  pause_for(140);
  snd_pcm_drop(pcm);
  if (snd_pcm_prepare(pcm) < 0) die("prepare");
}

static void open_pcm(const char *name) {
  snd_pcm_sw_params_t *software;
  snd_pcm_sw_params_alloca(&software);
  if (snd_pcm_open(&pcm, name, SND_PCM_STREAM_PLAYBACK, 0) < 0) die(name);
  if (snd_pcm_set_params(pcm, SND_PCM_FORMAT_S16, SND_PCM_ACCESS_RW_INTERLEAVED, 1, 48000, 0, 200000) < 0)
    die("parameters");
  snd_pcm_sw_params_current(pcm, software);
  snd_pcm_sw_params_set_start_threshold(pcm, software, 1);
  if (snd_pcm_sw_params(pcm, software) < 0 || snd_pcm_prepare(pcm) < 0) die("parameters");
}

#define LINES 32
static struct pollfd files[1 + LINES];

/* Fills the poll table from its second place on. Returns the number of places. */
static nfds_t open_lines(char **paths) {
  nfds_t places = 1;
  char value[4];
  for (; *paths && places <= LINES; paths++, places++) {
    files[places] = (struct pollfd){open(*paths, O_RDONLY), POLLPRI | POLLERR, 0};
    if (files[places].fd < 0 || read(files[places].fd, value, sizeof value) < 0) die(*paths);
  }
  return places;
}

static void by_line(char **paths, long count) {
  char value[4];
  nfds_t places = open_lines(paths);
  struct pollfd *line = &files[1];
  puts("ready");
  while (count > 0) {
    poll(line, places - 1, -1);
    if (!line->revents) continue;
    if (lseek(line->fd, 0, SEEK_SET) < 0 || read(line->fd, value, sizeof value) < 1) die(paths[0]);
    if (value[0] != '0') continue;
    play();
    ready();
    count--;
  }
}

static void by_socket(const char *path, char **paths, long count) {
  char line[256];
  struct sockaddr_un address = {AF_UNIX, ""};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(server, (struct sockaddr *)&address, sizeof address) < 0 || listen(server, 1) < 0) die(path);
  nfds_t places = open_lines(paths);
  puts("ready");
  files[0] = (struct pollfd){accept(server, NULL, NULL), POLLIN, 0};
  while (count > 0) {
    poll(files, places, -1);
    if (!files[0].revents) continue;
    if (read(files[0].fd, line, sizeof line) < 1) break;
    play();
    if (write(files[0].fd, "ok\n", 3) != 3) die(path);
    ready();
    count--;
  }
}

static void by_spawning(char **command, long count) {
  while (count-- > 0) {
    pid_t child;
    int status;
    note_press();
    if (posix_spawnp(&child, command[0], NULL, NULL, command, environ)) die(command[0]);
    waitpid(child, &status, 0);
  }
}

int main(int count, char **words) {
  if (count < 5) return 64;
  setvbuf(stdout, NULL, _IOLBF, 0);
  int file = open(words[2], O_RDONLY);
  frames = file < 0 ? -1 : read(file, clip, sizeof clip) / 2;
  if (frames <= 0) die(words[2]);
  if (strcmp(words[3], "spawn") == 0) {
    by_spawning(words + 5, atol(words[4]));
    return 0;
  }
  open_pcm(words[1]);
  if (strcmp(words[3], "line") == 0) by_line(words + 5, atol(words[4]));
  else if (strcmp(words[3], "socket") == 0) by_socket(words[4], words + 6, atol(words[5]));
  else
    for (long left = atol(words[4]); left > 0; left--) {
      note_press();
      play();
      ready();
    }
  snd_pcm_close(pcm);
  return 0;
}
