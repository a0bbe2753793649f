import CALSA
import CLinux
import Glibc
import Posix
import Simulator
import Testing

@Suite struct CardTests {
  @Test("The frames written leave unchanged, at exactly the card's rate")
  func bitExact() throws {
    let bench = try CardBench()
    let written = pattern(24_000)
    let before = Monotonic.now
    do {
      let probe = try CardProbe(bench)
      try #expect(probe.write(written) == written.count)
      try probe.start()
      try probe.drain()
    }
    let recording = try bench.recording()
    try #require(recording.streams.count == 1)
    let stream = recording.streams[0]
    expectSound(stream.samples, written)
    #expect(stream.start >= before)
    #expect(stream.time(of: 12_000).since(stream.start) == 250_000_000)
    #expect(stream.end.since(stream.start) == 500_000_000)
    let kinds = recording.events.map(\.kind)
    #expect(kinds == [.open, .setup, .prepare, .start, .drain, .drained, .close])
    #expect(recording.events[5].time == stream.end)
    #expect(Monotonic.now >= stream.end)
  }

  @Test("At eight times the speed the same frames leave in an eighth of the time")
  func speed() throws {
    let bench = try CardBench { $0.speed = 8 }
    let written = pattern(48_000)
    do {
      let probe = try CardProbe(bench)
      try #expect(probe.write(written) == written.count)
      try probe.start()
      try probe.drain()
    }
    let stream = try #require(try bench.recording().streams.first)
    expectSound(stream.samples, written)
    #expect(stream.rate == 384_000)
    #expect(stream.end.since(stream.start) == 125_000_000)
  }

  @Test("Delay and frames that have left add up to the frames written")
  func delay() throws {
    let bench = try CardBench()
    var asked: [(before: Monotonic, delay: Int, after: Monotonic)] = []
    do {
      let probe = try CardProbe(bench)
      try probe.write(pattern(96_000))
      try #expect(probe.delay() == 96_000)
      try probe.start()
      for _ in 0..<200 {
        let before = Monotonic.now
        asked.append((before, try probe.delay(), .now))
      }
    }
    let start = try #require(try bench.recording().streams.first?.start)
    for (before, delay, after) in asked {
      let left = 96_000 - delay
      #expect((framesIn(before.since(start))...framesIn(after.since(start))).contains(left))
    }
  }

  @Test("A rewind takes back all frames that have not left, and new frames leave in their place")
  func rewindAndFade() throws {
    let bench = try CardBench()
    let phrase = pattern(96_000)
    let fade = pattern(240, seed: 200_000)
    var kept = 0
    do {
      let probe = try CardProbe(bench)
      for _ in 0..<20 {
        try probe.prepare()
        try probe.write(phrase)
        try probe.start()
        // Repeated if the machine is half a second late.
        kept = 96_000 - (try probe.rewind(probe.delay() - 24_000))
        if snd_pcm_writei(probe.pcm, fade, 240) == 240 { break }
      }
      try probe.wait(for: SND_PCM_STATE_XRUN)
    }
    let recording = try bench.recording()
    let stream = try #require(recording.streams.last)
    #expect(kept >= 24_000)
    expectSound(stream.samples, Array(phrase[..<kept]) + fade)
    #expect(stream.ended?.kind == .xrun)
    let rewind = try #require(recording.events.last { $0.kind == .rewind })
    #expect(rewind.count == 96_000 - kept)
    #expect(stream.start < rewind.time && rewind.time < stream.end)
  }

  @Test("Frames that are rewound and not written again never leave: the card underruns at that frame")
  func rewindOnly() throws {
    let bench = try CardBench()
    let phrase = pattern(96_000)
    var kept = 0
    do {
      let probe = try CardProbe(bench)
      try probe.write(phrase)
      try probe.start()
      kept = 96_000 - (try probe.rewind(probe.delay() - 960))
      try probe.wait(for: SND_PCM_STATE_XRUN)
      #expect(probe.state == SND_PCM_STATE_XRUN)
    }
    let stream = try #require(try bench.recording().streams.first)
    expectSound(stream.samples, Array(phrase[..<kept]))
    #expect(stream.ended?.kind == .xrun)
    #expect(stream.ended?.time.since(stream.start) == spanUp(kept))
  }

  @Test("A rewind takes back neither frames that have left nor the frame that is leaving")
  func rewindTooFar() throws {
    let bench = try CardBench()
    var kept = 0
    var before = Monotonic.now
    do {
      let probe = try CardProbe(bench)
      try probe.write(pattern(48_000))
      try #require(probe.rewind(1000) == 1000)
      try #require(probe.rewind(100_000) == 47_000)
      try probe.write(pattern(48_000))
      try probe.start()
      before = .now
      kept = 48_000 - (try probe.rewind(1_000_000))
      try probe.wait(for: SND_PCM_STATE_XRUN)
    }
    let stream = try #require(try bench.recording().streams.first)
    #expect(kept > framesIn(before.since(stream.start)))
    #expect(stream.samples.count == kept)
  }

  @Test("A forward skips frames, but never beyond the buffer")
  func forward() throws {
    let bench = try CardBench()
    do {
      let probe = try CardProbe(bench, buffer: 4800)
      try probe.write(pattern(4800))
      try #require(probe.rewind(4000) == 4000)
      try #require(alsa("forward", snd_pcm_forward(probe.pcm, 1000)) == 1000)
      try probe.write(pattern(480, seed: 9))
      try #require(alsa("forward", snd_pcm_forward(probe.pcm, 100_000)) == 4800 - 2280)
      try probe.drain()
    }
    let stream = try #require(try bench.recording().streams.first)
    expectSound(stream.samples, Array(pattern(4800)[..<1800]) + pattern(480, seed: 9) + pattern(4800)[2280...])
  }

  @Test("A drop stops at once: no frame leaves after it")
  func drop() throws {
    let bench = try CardBench()
    let phrase = pattern(96_000)
    var before = Monotonic.now
    var after = before
    do {
      let probe = try CardProbe(bench)
      try probe.runFreely(silence: 1)
      try probe.write(phrase)
      try probe.start()
      let follower = try bench.follower()
      #expect(try follower.wait(until: farAway) { ($0.running?.samples.count ?? 0) > 2000 })
      before = .now
      try probe.drop()
      after = .now
      #expect(probe.state == SND_PCM_STATE_SETUP)
    }
    let stream = try #require(try bench.recording().streams.first)
    let ended = try #require(stream.ended)
    #expect(ended.kind == .drop)
    #expect(before <= ended.time && ended.time <= after)
    let left = framesIn(ended.time.since(stream.start))
    #expect(stream.samples.count == left)
    expectSound(stream.samples.prefix(phrase.count), phrase.prefix(left))
  }

  @Test("A non-blocking drain returns EAGAIN until the last frame has left")
  func drainWithoutBlocking() throws {
    let bench = try CardBench()
    var done = Monotonic.now
    do {
      let probe = try CardProbe(bench)
      try probe.write(pattern(9600))
      try alsa("nonblock", snd_pcm_nonblock(probe.pcm, 1))
      try #require(snd_pcm_drain(probe.pcm) == -EAGAIN)
      #expect(probe.state == SND_PCM_STATE_DRAINING)
      try #expect(probe.poll() & POLLOUT != 0)
      #expect(snd_pcm_drain(probe.pcm) == 0)
      done = .now
    }
    let stream = try #require(try bench.recording().streams.first)
    expectSound(stream.samples, pattern(9600))
    #expect(stream.ended?.kind == .drained)
    #expect(done >= stream.end)
  }

  @Test("A drain of an empty buffer returns at once")
  func drainOfNothing() throws {
    let bench = try CardBench()
    do {
      let probe = try CardProbe(bench)
      try probe.drain()
      #expect(probe.state == SND_PCM_STATE_SETUP)
    }
    #expect(try bench.recording().streams.isEmpty)
  }

  @Test("During a pause no frame leaves and none is lost")
  func pause() throws {
    let bench = try CardBench()
    let written = pattern(48_000)
    do {
      let probe = try CardProbe(bench)
      try probe.write(written)
      try probe.start()
      try probe.pause(true)
      #expect(probe.state == SND_PCM_STATE_PAUSED)
      let delay = try probe.delay()
      try #expect(probe.delay() == delay)
      try probe.pause(false)
      try probe.drain()
    }
    let streams = try bench.recording().streams
    try #require(streams.count == 2)
    #expect(streams[0].ended?.kind == .pause)
    expectSound(streams[0].samples + streams[1].samples, written)
    #expect(streams[1].position == UInt64(streams[0].samples.count))
    #expect(streams[1].start >= streams[0].end)
  }

  @Test("At the application's pointer the card underruns: state, poll, write, and recovery")
  func xrun() throws {
    let bench = try CardBench()
    do {
      let probe = try CardProbe(bench, buffer: 4800)
      try probe.set { try alsa("avail_min", snd_pcm_sw_params_set_avail_min(probe.pcm, $0, 4800)) }
      try probe.write(pattern(4800))
      try probe.start()
      try #expect(probe.poll() == POLLERR | POLLOUT)
      #expect(probe.state == SND_PCM_STATE_XRUN)
      #expect(throws: AlsaError(operation: "write", code: EPIPE)) { try probe.write(pattern(480)) }
      #expect(throws: AlsaError(operation: "delay", code: EPIPE)) { try probe.delay() }
      try probe.prepare()
      try #expect(probe.delay() == 0)
      try probe.write(pattern(480))
      try probe.drain()
    }
    let streams = try bench.recording().streams
    try #require(streams.count == 2)
    #expect(streams[0].ended?.kind == .xrun)
    #expect(streams[0].ended?.time.since(streams[0].start) == spanUp(4800))
    expectSound(streams[0].samples, pattern(4800))
    expectSound(streams[1].samples, pattern(480))
  }

  @Test("An underrun is recorded without a call of the program")
  func xrunUnasked() throws {
    let bench = try CardBench()
    do {
      let probe = try CardProbe(bench)
      try probe.write(pattern(480))
      try probe.start()
      let follower = try bench.follower()
      #expect(try follower.wait(until: farAway) { $0.streams.last?.ended?.kind == .xrun })
      #expect(probe.state == SND_PCM_STATE_XRUN)
    }
  }

  @Test("A poll is ready when avail_min frames are free, and not before")
  func availMin() throws {
    let bench = try CardBench()
    var ready: [(free: Int, time: Monotonic)] = []
    do {
      let probe = try CardProbe(bench, buffer: 48_000)
      try probe.set { try alsa("avail_min", snd_pcm_sw_params_set_avail_min(probe.pcm, $0, 960)) }
      try #expect(probe.poll() == POLLOUT)
      try probe.write(pattern(48_000))
      try #expect(probe.poll(milliseconds: 0) == 0)
      try probe.start()
      for _ in 0..<5 {
        try #expect(probe.poll() == POLLOUT)
        ready.append((try alsa("avail", snd_pcm_avail(probe.pcm)), .now))
        try probe.write(pattern(ready.last!.free))
      }
    }
    let start = try #require(try bench.recording().streams.first?.start)
    var refilled = 0
    for (free, time) in ready {
      #expect(free >= 960)
      #expect(time.since(start) >= spanUp(refilled + 960))
      refilled += free
    }
  }

  @Test("Without a stop threshold the card continues, with silence if a silence size is set")
  func freeRunning() throws {
    let bench = try CardBench()
    for silence: UInt in [0, 9600] {
      let probe = try CardProbe(bench, buffer: 9600)
      try probe.runFreely(silence: silence)
      try probe.write(pattern(9600))
      try probe.start()
      let follower = try bench.follower()
      #expect(try follower.wait(until: farAway) { ($0.running?.samples.count ?? 0) >= 19_200 })
      #expect(probe.state == SND_PCM_STATE_RUNNING)
      try #expect(probe.delay() < 0)
      try probe.drop()
    }
    let streams = try bench.recording().streams
    try #require(streams.count == 2)
    expectSound(streams[0].samples.prefix(19_200), pattern(9600) + pattern(9600))
    expectSound(streams[1].samples.prefix(9600), pattern(9600))
    let silence = streams[1].samples.dropFirst(9600)
    expectSound(silence, [Int16](repeating: 0, count: silence.count))
  }

  @Test("A close while the card runs records every frame that had left")
  func closeWhileRunning() throws {
    let bench = try CardBench()
    do {
      let probe = try CardProbe(bench)
      try probe.write(pattern(48_000))
      try probe.start()
      _ = try probe.delay()
    }
    let recording = try bench.recording()
    let stream = try #require(recording.streams.first)
    #expect(stream.ended?.kind == .drop)
    expectSound(stream.samples, pattern(stream.ended.map { framesIn($0.time.since(stream.start)) } ?? -1))
    #expect(recording.events.last?.kind == .close)
  }

  @Test("Frames of two channels, 32 bits and direct access leave unchanged")
  func layouts() throws {
    let bench = try CardBench()
    let stereo = pattern(9600)
    do {
      let probe = try CardProbe(bench, channels: 2)
      try #expect(probe.write(stereo) == 4800)
      try probe.drain()
    }
    do {
      let probe = try CardProbe(bench, format: SND_PCM_FORMAT_S32_LE)
      let wide = pattern(4800).map { Int32($0) << 16 | 0x1234 }
      #expect(snd_pcm_writei(probe.pcm, wide, 4800) == 4800)
      try probe.drain()
    }
    do {
      let probe = try CardProbe(bench, buffer: 4800, access: SND_PCM_ACCESS_MMAP_INTERLEAVED)
      #expect(snd_pcm_mmap_writei(probe.pcm, pattern(4800), 4800) == 4800)
      try probe.drain()
    }
    let streams = try bench.recording().streams
    try #require(streams.count == 3)
    expectSound(streams[0].samples, stride(from: 0, to: 9600, by: 2).map { stereo[$0] })
    expectSound(streams[1].samples, pattern(4800))
    expectSound(streams[2].samples, pattern(4800))
  }

  @Test("A write across the end of the ring leaves unchanged")
  func wrap() throws {
    let bench = try CardBench()
    let both = pattern(2 * 96_050)
    do {
      let probe = try CardProbe(bench, channels: 2)
      try probe.write(Array(both[..<(2 * 95_990)]))
      try probe.start()
      let follower = try bench.follower()
      try #require(try follower.wait(until: farAway) { ($0.running?.samples.count ?? 0) > 100 })
      try probe.pause(true)
      try #require(probe.write(Array(both[(2 * 95_990)...])) == 60)
      try probe.pause(false)
      try probe.drain()
    }
    let samples = try bench.recording().streams.flatMap(\.samples)
    expectSound(samples, stride(from: 0, to: both.count, by: 2).map { both[$0] })
  }

  @Test("One program at a time opens the card; the next one continues the same record")
  func severalOpens() throws {
    let bench = try CardBench()
    do {
      let probe = try CardProbe(bench)
      #expect(throws: AlsaError(operation: "open", code: EBUSY)) { _ = try CardProbe(bench) }
      try probe.write(pattern(480))
      try probe.drain()
    }
    do {
      let probe = try CardProbe(bench)
      try probe.write(pattern(480, seed: 7))
      try probe.drain()
    }
    let recording = try bench.recording()
    expectSound(recording.streams.flatMap(\.samples), pattern(480) + pattern(480, seed: 7))
    #expect(recording.events.filter { $0.kind == .open }.count == 2)
  }

  @Test("An incomplete block of a killed program is cut off by the next card")
  func halfBlock() throws {
    let bench = try CardBench()
    do {
      let probe = try CardProbe(bench)
      try probe.write(pattern(480))
      try probe.drain()
    }
    let whole = try Files.read(bench.record)
    // The last block is the 32 bytes of `close`; this removes it and half of another.
    let torn = Array(whole.dropLast(32 + 5))
    try Files.replace(bench.record, with: torn)
    do {
      let probe = try CardProbe(bench)
      try probe.write(pattern(96))
      try probe.drain()
    }
    try expectSound(bench.recording().streams.flatMap(\.samples), pattern(480) + pattern(96))
  }

  @Test("A file that is not a record is refused and left unchanged")
  func foreignRecord() throws {
    let bench = try CardBench()
    let letter = Array("Dear customer, this is a letter.".utf8)
    try Files.create(bench.record, with: letter)
    #expect(throws: AlsaError(operation: "open", code: EINVAL)) { _ = try CardProbe(bench) }
    #expect(try Files.read(bench.record) == letter)
  }
}
