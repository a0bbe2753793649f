import CALSA
import CLinux
import Glibc
import Posix
import Simulator
import Testing

@Suite struct CardControlTests {
  @Test("Unplugged: the program is woken and gets ENODEV, and the card can be opened again once it is back")
  func unplugged() throws {
    let bench = try CardBench()
    do {
      let probe = try CardProbe(bench)
      try probe.runFreely(silence: 1)
      try probe.write(pattern(96_000))
      try probe.start()
      try bench.control.set([.unplugged])
      try probe.wait(for: SND_PCM_STATE_DISCONNECTED)
      try #expect(probe.poll() & POLLERR != 0)
      let gone = AlsaError(operation: "write", code: ENODEV)
      #expect(throws: gone) { try probe.write(pattern(480)) }
      #expect(throws: AlsaError(operation: "delay", code: ENODEV)) { try probe.delay() }
      #expect(throws: AlsaError(operation: "prepare", code: ENODEV)) { try probe.prepare() }
      #expect(throws: AlsaError(operation: "drain", code: ENODEV)) { try probe.drain() }
      #expect(throws: AlsaError(operation: "open", code: ENODEV)) { _ = try CardProbe(bench) }
      try bench.control.set([])
      #expect(throws: gone) { try probe.write(pattern(480)) }
    }
    do {
      let probe = try CardProbe(bench)
      try probe.write(pattern(480))
      try probe.drain()
    }
    let recording = try bench.recording()
    try #require(recording.streams.count == 2)
    let first = recording.streams[0]
    let ended = try #require(first.ended)
    #expect(ended.kind == .unplug)
    #expect(first.samples.count == framesIn(ended.time.since(first.start)))
    expectSound(recording.streams[1].samples, pattern(480))
  }

  @Test("Unplugged while nothing plays: a program that sleeps in poll is woken")
  func unpluggedAsleep() throws {
    let bench = try CardBench()
    let probe = try CardProbe(bench, buffer: 960)
    try probe.write(pattern(960))
    try #expect(probe.poll(milliseconds: 0) == 0)
    try bench.control.set([.unplugged])
    try #expect(probe.poll() & POLLERR != 0)
    #expect(probe.state == SND_PCM_STATE_DISCONNECTED)
  }

  @Test("Unplugged while nothing plays: a poll that requests no event returns too")
  func unpluggedUnasked() throws {
    let bench = try CardBench()
    let probe = try CardProbe(bench)
    var table = [pollfd](repeating: pollfd(), count: 2)
    try #require(snd_pcm_poll_descriptors(probe.pcm, &table, 2) == 2)
    for index in table.indices { table[index].events = 0 }
    #expect(Glibc.poll(&table, 2, 0) == 0)
    try bench.control.set([.unplugged])
    #expect(Glibc.poll(&table, 2, 30_000) > 0)
    #expect(probe.state == SND_PCM_STATE_DISCONNECTED)
  }

  @Test("Busy: the card cannot be opened while the word is set, and an open PCM continues")
  func busy() throws {
    let bench = try CardBench()
    do {
      let probe = try CardProbe(bench)
      try bench.control.set([.busy])
      try probe.write(pattern(480))
      try probe.drain()
    }
    #expect(throws: AlsaError(operation: "open", code: EBUSY)) { _ = try CardProbe(bench) }
    try bench.control.set([])
    _ = try CardProbe(bench)
    try expectSound(bench.recording().streams.first?.samples ?? [], pattern(480))
  }

  @Test("Unplugged in the middle of a drain: the drain ends with ENODEV")
  func unpluggedInDrain() throws {
    let bench = try CardBench()
    let probe = try CardProbe(bench)
    try probe.write(pattern(960))
    try bench.control.set([.stalled])
    try probe.start()
    try alsa("nonblock", snd_pcm_nonblock(probe.pcm, 1))
    try #require(snd_pcm_drain(probe.pcm) == -EAGAIN)
    try bench.control.set([.unplugged])
    try #expect(probe.poll() & POLLERR != 0)
    #expect(snd_pcm_drain(probe.pcm) == -ENODEV)
  }

  @Test("A requested underrun happens once, and recovery is the usual one")
  func xrun() throws {
    let bench = try CardBench()
    do {
      let probe = try CardProbe(bench)
      try probe.runFreely(silence: 1)
      try probe.write(pattern(96_000))
      try probe.start()
      try bench.control.set([.xrun(1)])
      try probe.wait(for: SND_PCM_STATE_XRUN)
      try #expect(probe.poll() == POLLERR | POLLOUT)
      #expect(throws: AlsaError(operation: "write", code: EPIPE)) { try probe.write(pattern(480)) }
      try probe.prepare()
      try bench.control.set([.xrun(1), .refuseRewind])
      try probe.write(pattern(4800))
      try probe.drain()
    }
    let streams = try bench.recording().streams
    #expect(streams.map { $0.ended?.kind } == [.xrun, .drained])
    expectSound(streams.last?.samples ?? [], pattern(4800))
  }

  @Test("A refused rewind takes back nothing")
  func refusedRewind() throws {
    let bench = try CardBench()
    try bench.control.set([.refuseRewind])
    do {
      let probe = try CardProbe(bench)
      try probe.write(pattern(4800))
      try probe.start()
      try #expect(probe.rewind(2400) == 0)
      try probe.drain()
    }
    try expectSound(bench.recording().streams.first?.samples ?? [], pattern(4800))
  }

  @Test("A stalled card keeps its state and position, and continues there")
  func stalled() throws {
    let bench = try CardBench()
    do {
      let probe = try CardProbe(bench)
      try probe.write(pattern(96_000))
      try probe.start()
      try bench.control.set([.stalled])
      let follower = try bench.follower()
      #expect(try follower.wait(until: farAway) { $0.streams.last?.ended != nil })
      #expect(probe.state == SND_PCM_STATE_RUNNING)
      let delay = try probe.delay()
      try #expect(probe.delay() == delay)
      try bench.control.set([])
      try probe.drain()
    }
    let streams = try bench.recording().streams
    #expect(streams.map { $0.ended?.kind } == [.stall, .drained])
    expectSound(streams.flatMap(\.samples), pattern(96_000))
  }

  @Test("A suspended stream returns ESTRPIPE and continues after a resume")
  func suspended() throws {
    let bench = try CardBench()
    do {
      let probe = try CardProbe(bench)
      try probe.write(pattern(96_000))
      try probe.start()
      try bench.control.set([.suspend(1)])
      try probe.wait(for: SND_PCM_STATE_SUSPENDED)
      try #expect(probe.poll() & POLLERR != 0)
      #expect(throws: AlsaError(operation: "write", code: ESTRPIPE)) { try probe.write(pattern(480)) }
      try alsa("resume", snd_pcm_resume(probe.pcm))
      #expect(probe.state == SND_PCM_STATE_RUNNING)
      try probe.drain()
    }
    let streams = try bench.recording().streams
    #expect(streams.map { $0.ended?.kind } == [.suspend, .drained])
    expectSound(streams.flatMap(\.samples), pattern(96_000))
  }

  @Test("A slow start delays the first frame")
  func slowStart() throws {
    let bench = try CardBench()
    try bench.control.set([.slowStart(microseconds: 40_000)])
    var before = Monotonic.now
    do {
      let probe = try CardProbe(bench)
      try probe.write(pattern(480))
      before = .now
      try probe.start()
      try probe.drain()
    }
    let stream = try #require(try bench.recording().streams.first)
    #expect(stream.start.since(before) >= 40_000_000)
    expectSound(stream.samples, pattern(480))
  }

  @Test("An unknown word has no effect")
  func unknownWord() throws {
    let bench = try CardBench()
    try Files.create("\(bench.directory)/control", with: Array("unplugd xrun=two\n".utf8))
    let probe = try CardProbe(bench)
    try probe.write(pattern(480))
    try probe.drain()
  }
}
