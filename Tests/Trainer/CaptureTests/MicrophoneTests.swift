import Glibc
import Posix
import Simulator
import Testing

@testable import Capture

@Suite("The microphone") struct MicrophoneTests {
  /// Samples that never repeat within a second and are never zero.
  private let phrase = (0..<24_000).map { Int16(truncatingIfNeeded: ($0 &* 40_503) | 1) }

  @Test(
    "audio arrives bit for bit, complete and in real time", arguments: [(16, 1), (24, 1), (16, 2)])
  func bitExact(bits: Int, channels: Int) throws {
    let bench = try MicrophoneBench {
      $0.bits = bits
      $0.channels = channels
    }
    let before = Monotonic.now
    let microphone = try bench.open()
    #expect(microphone.bits == bits)
    try bench.say(phrase)
    let sound = try microphone.hear { sound in
      guard let first = sound.samples.firstIndex(where: { $0 != 0 }) else { return false }
      return sound.samples.count >= first + phrase.count + 100
    }
    let first = try #require(sound.samples.firstIndex { $0 != 0 })
    let wanted = phrase.map { Int32($0) << 16 }
    #expect(Array(sound.samples[first..<first + phrase.count]) == wanted)
    #expect(sound.samples[(first + phrase.count)...].allSatisfy { $0 == 0 })
    #expect(!sound.isTorn)
    #expect(Monotonic.now.since(before) >= Int64(sound.samples.count) * 1_000_000_000 / 48_000)
  }

  @Test("a 24-bit microphone gives 24 bits, and a 16-bit one gives 16")
  func softly() throws {
    for bits in [24, 16] {
      let bench = try MicrophoneBench { $0.bits = bits }
      try bench.set([.noise(110)])
      let sound = try bench.open().hear { $0.samples.count > 4_800 }
      // Under half a step of 16 bits, and far above one of 24.
      #expect(sound.samples.contains { $0 != 0 } == (bits == 24))
      #expect(sound.samples.allSatisfy { $0 & 0xFF == 0 })
    }
  }

  @Test("an overrun is reported, and the audio after it arrives")
  func overrun() throws {
    let bench = try MicrophoneBench()
    let microphone = try bench.open()
    _ = try microphone.hear { $0.samples.count > 960 }
    try bench.set([.xrun(1)])
    let torn = try microphone.hear { $0.isTorn && $0.samples.count > 960 }
    #expect(torn.isTorn)
    try bench.say(phrase)
    #expect(try !microphone.hear { $0.samples.contains { $0 != 0 } }.isTorn)
  }

  @Test("a late read reports lost audio")
  func late() throws {
    let bench = try MicrophoneBench { $0.speed = 64 }
    let microphone = try bench.open()
    // Four seconds of the microphone's are buffered; these are twelve.
    usleep(200_000)
    #expect(try microphone.hear { !$0.samples.isEmpty }.isTorn)
  }

  @Test("unplug gives ENODEV, also when opening; after the return it opens again")
  func unplugged() throws {
    let bench = try MicrophoneBench()
    do {
      let microphone = try bench.open()
      _ = try microphone.hear { $0.samples.count > 960 }
      try bench.set([.unplugged])
      let gone = CaptureError("snd_pcm_readi", device: "microphone", code: ENODEV)
      #expect(throws: gone) { _ = try microphone.hear { _ in false } }
    }
    let absent = CaptureError("snd_pcm_open", device: "microphone", code: ENODEV)
    #expect(throws: absent) { _ = try bench.open() }
    #expect(absent.isAbsent)
    try bench.set([])
    #expect(try bench.open().hear { $0.samples.count > 960 }.isTorn == false)
  }

  @Test("a microphone of another program is busy")
  func busy() throws {
    let bench = try MicrophoneBench()
    try bench.set([.busy])
    let busy = CaptureError("snd_pcm_open", device: "microphone", code: EBUSY)
    #expect(throws: busy) { _ = try bench.open() }
    #expect(!busy.isAbsent && "\(busy)".contains("another program has it"))
  }

  @Test("an unknown name is absent, and reported on one line")
  func unknown() {
    do {
      _ = try Microphone(device: "no-such-microphone")
      Issue.record("it was opened")
    } catch {
      #expect(error.isAbsent)
      #expect("\(error)".hasPrefix("no sound from the microphone 'no-such-microphone' (No such file or directory): "))
    }
  }

  @Test("a simulated 50 Hz hum has its frequency and level")
  func hum() throws {
    let bench = try MicrophoneBench()
    try bench.set([.hum(20)])
    let sound = try bench.open().hear { $0.samples.count >= 48_000 }
    let samples = sound.samples.prefix(48_000)
    let crossings = zip(samples, samples.dropFirst()).filter { ($0 < 0) != ($1 < 0) }.count
    #expect((98...102).contains(crossings))
    let power = samples.reduce(0.0) { $0 + Double($1) * Double($1) } / 48_000 / 0x1p62
    #expect(abs(10 * log10(power) + 20) < 0.1)
  }
}
