import Posix
import Testing

@testable import Simulator

@Suite struct CardRecordingTests {
  @Test("A record that ends within a block is parsed up to it, and continued when the rest is appended")
  func growing() throws {
    let bytes = sampleFile()
    let whole = try CardRecording(bytes)
    #expect(whole.streams.map(\.samples) == [[1, 2, 3, 4], [5, 6]])
    for cut in 0...bytes.count {
      var recording = try CardRecording(Array(bytes[..<cut]))
      #expect(recording.length <= cut)
      try recording.append(bytes[recording.length...])
      #expect(recording.length == bytes.count)
      #expect(recording.events == whole.events)
    }
  }

  @Test("A record whose samples are taken while it grows gives the same samples, and is continued without a gap")
  func taken() throws {
    // An odd start and blocks of odd lengths: frame times are rounded to nanoseconds.
    var bytes = recordHead() + block(.setup, 0, 1, 0, word(48_000) + word(1) + word(2) + word(480) + word(4800))
    var all: [Int16] = []
    for stream in 0..<3 {
      let start = Int64(7_000_000_011 + stream * 1_000_000_000)
      bytes += block(.start, 0, start, 0)
      var position = 0
      for length in [1, 7, 480, 3, 49, 1000] {
        let time = start + Int64(position) * 1_000_000_000 / 48_000
        let samples = (0..<length).map { Int16(stream * 10_000 + position + $0) }
        bytes += block(.frames, length, time, Int64(position), samples.flatMap { Array(word(Int($0)).prefix(2)) })
        all += samples
        position += length
      }
      bytes += block(.drop, 0, start + Int64(position) * 1_000_000_000 / 48_000, Int64(position))
    }
    for step in [1, 33, 512, 4096, bytes.count] {
      var recording = CardRecording()
      var taken: [CardRecording.Taken] = []
      for cut in Array(stride(from: step, to: bytes.count, by: step)) + [bytes.count] {
        try recording.append(bytes[recording.length..<max(cut, recording.length)])
        taken += recording.takeSamples()
        #expect(recording.streams.reduce(0) { $0 + $1.samples.count } < 3, "only what is new stays")
      }
      #expect(taken.flatMap(\.samples) == all, "step \(step)")
      #expect(taken.filter(\.isFirst).count == 3 && taken.last?.runsOn == false, "step \(step)")
    }
  }

  @Test("Invalid bytes are refused with their offset")
  func garbage() throws {
    let bytes = sampleFile()
    func damaged(_ offset: Int, _ value: UInt8) -> [UInt8] {
      var copy = bytes
      copy[offset] = value
      return copy
    }
    #expect(throws: CardRecordingError(offset: 0, .notARecording)) { try CardRecording(Array("RIFF1234".utf8)) }
    #expect(throws: CardRecordingError(offset: 8, .otherVersion(9))) { try CardRecording(damaged(8, 9)) }
    #expect(throws: CardRecordingError(offset: 16, .noBlock)) { try CardRecording(damaged(16, 0)) }
    #expect(throws: CardRecordingError(offset: 20, .unknownKind(99))) { try CardRecording(damaged(20, 99)) }
    #expect(throws: CardRecordingError(offset: 24, .tooLong(0x7f00_0000))) { try CardRecording(damaged(27, 0x7f)) }
    // The second stream's frames, one position too far.
    let frames = bytes.count - 32 - 4 - 32
    #expect(throws: CardRecordingError(offset: frames, .gap)) { try CardRecording(damaged(frames + 24, 9)) }
  }

  @Test("A time or a rate that no card has is refused")
  func extremes() throws {
    let setup = { (rate: Int) in block(.setup, 0, 1, 0, word(rate) + word(1) + word(2) + word(480) + word(4800)) }
    for time: Int64 in [.min, -1, 100_000_000_000_000_001, .max] {
      let bytes = recordHead() + setup(48_000) + block(.start, 0, time, 0)
      #expect(throws: CardRecordingError(offset: 16 + 32 + 20, .badTime)) { try CardRecording(bytes) }
    }
    for rate in [0, 768_001, 0xFFFF_FFFF] {
      #expect(throws: CardRecordingError(offset: 16, .badSetup)) { try CardRecording(recordHead() + setup(rate)) }
    }
    let bytes = recordHead() + setup(768_000) + block(.start, 0, 100_000_000_000_000_000, .max)
    let last = try CardRecording(bytes + block(.frames, 1, 100_000_000_000_000_000, .max, [1, 0]))
    #expect(last.slowed(by: 64, from: Monotonic(nanoseconds: 0)).streams.count == 1)
    #expect(last.lastSound() != nil)
  }

  @Test("The record of a fast card is slowed to real time: the same samples at stretched times")
  func slowed() throws {
    let fast = try CardRecording(sampleFile())
    let start = fast.streams[0].start
    let slow = fast.slowed(by: 4, from: start)
    #expect(slow.streams.map(\.samples) == fast.streams.map(\.samples))
    #expect(slow.streams[0].start == start)
    #expect(slow.streams[0].end.since(start) / 4 == fast.streams[0].end.since(start))
    #expect(slow.streams[1].start.since(start) == 4 * fast.streams[1].start.since(start))
    #expect(slow.events.map(\.kind) == fast.events.map(\.kind))
  }

  @Test("Any changed byte gives a result or an error, never a crash")
  func flipped() {
    let bytes = sampleFile()
    for offset in bytes.indices {
      for value: UInt8 in [0, 1, 0x7f, 0x80, 0xff] {
        var copy = bytes
        copy[offset] = value
        if let recording = try? CardRecording(copy) {
          _ = recording.samples(from: Monotonic(nanoseconds: 0), to: Monotonic(nanoseconds: 1_000_000))
        }
      }
    }
  }

  @Test("A span holds the samples that left, and silence where no stream ran")
  func span() throws {
    let recording = try CardRecording(sampleFile())
    let start = recording.streams[0].start
    func at(_ frames: Int) -> Monotonic {
      Monotonic(nanoseconds: start.nanoseconds + Int64(frames) * 1_000_000_000 / 48_000)
    }
    #expect(recording.samples(from: at(-2), to: at(12)) == [0, 0, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 5, 6])
    #expect(recording.samples(from: at(3), to: at(3)).isEmpty)
    #expect(recording.samples(from: at(5), to: at(2)).isEmpty)
    for (index, sample) in [1, 2, 3, 4].enumerated() {
      let own = recording.streams[0].time(of: index)
      #expect(recording.samples(from: own, to: at(index + 2)).first == Int16(sample))
    }
    #expect(recording.lastSound() == recording.streams[1].end)
    #expect(recording.lastSound(above: 6) == nil)
    #expect(recording.firstSound(after: at(0), above: 3) == recording.streams[0].time(of: 3))
    #expect(recording.firstSound(after: recording.streams[0].end) == recording.streams[1].start)
    #expect(recording.firstSound(after: recording.streams[1].end) == nil)
  }

  @Test("The WAVE file holds the timeline, with gaps no longer than requested")
  func wave() throws {
    let recording = try CardRecording(sampleFile())
    let whole = recording.wave()
    #expect(Array(whole[..<4]) == Array("RIFF".utf8))
    #expect(whole.count == 44 + 2 * (4 + 6 + 2))
    #expect(Int(whole[40]) == whole.count - 44)
    #expect(recording.wave(longestGap: 0).count == 44 + 2 * 6)
    #expect(Array(recording.wave(longestGap: 0)[44...]) == [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0])
    #expect(CardRecording().wave().count == 44)
  }

  @Test("A record that becomes shorter is an error")
  func shrinking() throws {
    let bench = try CardBench()
    try Files.create(bench.record, with: sampleFile())
    let follower = try bench.follower()
    #expect(try follower.refresh())
    #expect(try !follower.refresh())
    try posixTruncate(bench.record, 20)
    #expect(throws: CardRecordingError(offset: 20, .shrank)) { try follower.refresh() }
  }

  @Test("Silence is counted in the card's frames while it runs, and a wait ends at its deadline")
  func silence() throws {
    let bench = try CardBench()
    let follower = try bench.follower()
    let probe = try CardProbe(bench)
    try probe.runFreely(silence: 1)
    try probe.write(pattern(960))
    let before = Monotonic.now
    try probe.start()
    try #require(try follower.wait(until: farAway) { $0.lastSound() != nil })
    #expect(try follower.waitForSilence(milliseconds: 60, since: before, until: farAway))
    let running = try #require(follower.recording.running)
    #expect(running.samples.count >= 960 + 2880)
    #expect(follower.recording.lastSound() == running.time(of: 960))
    #expect(try !follower.waitForSilence(milliseconds: 3_600_000, since: before, until: .now))
    try probe.drop()
    #expect(try follower.waitForSilence(milliseconds: 100, since: before, until: farAway))
    #expect(Monotonic.now.since(running.time(of: 960)) >= 100_000_000)
  }

  @Test("Names with quotes, backslashes and spaces work in a configuration")
  func quoting() throws {
    let odd = "a \"quoted\\\" name"
    let bench = try CardBench { $0.record = Path($0.record).parent.appending(odd).string }
    do {
      let probe = try CardProbe(bench)
      try probe.write(pattern(48))
      try probe.drain()
    }
    #expect(try Files.list(bench.directory).contains(odd))
    #expect(throws: SystemError("name in ALSA_CONFIG_PATH", path: "/a:b", code: 22)) {
      try bench.configuration.write(to: "/a:b")
    }
  }

  /// Returns a record of two streams with four and two frames, six frames apart.
  private func sampleFile() -> [UInt8] {
    let start: Int64 = 1_000_000_000
    let second = start + 10 * 1_000_000_000 / 48_000
    var bytes = recordHead()
    bytes += block(.open, 42, start - 1000, 0)
    bytes += block(.setup, 0, start - 500, 0, word(48_000) + word(1) + word(2) + word(480) + word(4800))
    bytes += block(.start, 0, start, 0)
    bytes += block(.frames, 3, start, 0, [1, 0, 2, 0, 3, 0])
    bytes += block(.frames, 1, start + 62_500, 3, [4, 0])
    bytes += block(.drop, 0, start + 90_000, 4)
    bytes += block(.start, 0, second, 0)
    bytes += block(.frames, 2, second, 0, [5, 0, 6, 0])
    bytes += block(.close, 0, second + 60_000, 2)
    return bytes
  }
}
