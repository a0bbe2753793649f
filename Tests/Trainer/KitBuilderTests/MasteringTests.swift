import Opus
import Posix
import TestSupport
import Testing

@testable import KitBuilder

@Suite("A clip")
struct MasteringTests {
  let workshop: Workshop
  init() throws { workshop = try Workshop() }

  /// Measured by the test, independently of the clip's figures.
  private func check(_ clip: MasteredClip, loudness: ClosedRange<Double> = -16.5 ... -15.5) throws {
    let decoded = try ClipDecoder.decode(clip.bytes)
    #expect(decoded.count == clip.frames)
    let measured = try Loudness.measure(decoded.map { Float($0) / 32_768 }, rate: 48_000)
    #expect(loudness.contains(measured.level), "\(measured.level) LUFS")
    #expect(measured.peak <= -1.5, "\(measured.peak) dBTP")
    #expect(measured == clip.loudness)
    #expect(clip.onset <= 960, "\(clip.onset) frames before the voice")
    // Loud within 20 ms of the onset, so the voice does not begin later than stated.
    let start = decoded[..<min(decoded.count, clip.onset + 4_800)].reduce(0) { max($0, abs(Int($1))) }
    #expect(start > 300)
    // RFC 7845: the output gain is in bytes 16 and 17 of the OpusHead packet.
    let head = try #require(clip.bytes.indices.first { clip.bytes[$0...].starts(with: "OpusHead".utf8) })
    #expect(Array(clip.bytes[head + 16..<head + 18]) == [0, 0])
    #expect(clip.bytes[head + 9] == 1)
  }

  @Test(
    "of any rate, with silence before it and a quiet or a loud voice, has the same level",
    arguments: [8_000, 22_050, 44_100, 48_000, 96_000], [0.02, 0.9])
  func levels(rate: Int, amplitude: Double) throws {
    let sound =
      silence(seconds: 0.7, rate: rate) + babble(seconds: 2, rate: rate, amplitude: amplitude)
      + silence(seconds: 0.5, rate: rate)
    let clip = try Mastering().clip(Recording(samples: sound, rate: rate), tags: anyTags, serial: 1)
    try check(clip)
    #expect(clip.frames < 48_000 * 5 / 2)
  }

  @Test("of one short word is as loud as the others", arguments: [0.15, 0.3, 0.6])
  func short(seconds: Double) throws {
    let sound = silence(seconds: 0.3, rate: 48_000) + tone(300, seconds: seconds, rate: 48_000)
    let clip = try Mastering().clip(Recording(samples: sound, rate: 48_000), tags: anyTags, serial: 1)
    try check(clip)
  }

  @Test("with a dead channel is no softer")
  func deadChannel() throws {
    let sound = babble(seconds: 1.5, rate: 44_100)
    let path = try workshop.put("a.wav", wave([silence(seconds: 1.5, rate: 44_100), sound], rate: 44_100))
    try check(try Mastering().clip(try Recording(path: path), tags: anyTags, serial: 1))
  }

  @Test(
    "of speech reaches the target below the maximum peak",
    .enabled(if: Workshop.has("espeak-ng"), "espeak-ng is not here"),
    arguments: ["ro", "sq", "bg", "es", "pt", "ru", "vi", "hi", "en+f3", "en+m3"])
  func speech(voice: String) throws {
    let path = try workshop.speak("Bine, 1, 2, 3. 25, 70, 99.", voice: voice)
    let clip = try Mastering().clip(try Recording(path: path), tags: anyTags, serial: 1)
    // Where peaks prevent the target, the cause is reported.
    try check(clip, loudness: clip.cause == nil ? -16.5 ... -15.5 : -19 ... -15.5)
    #expect(clip.cause != nil || clip.shortfall <= 0.5)
  }

  @Test("has the same bytes each time")
  func deterministic() throws {
    let recording = Recording(samples: babble(seconds: 1, rate: 22_050), rate: 22_050)
    let first = try Mastering().clip(recording, tags: anyTags, serial: 77)
    #expect(try Mastering().clip(recording, tags: anyTags, serial: 77) == first)
    #expect(try Mastering().clip(recording, tags: anyTags, serial: 78).bytes != first.bytes)
  }

  @Test(
    "has its comments, and opusinfo reports no problem", .enabled(if: Workshop.has("opusinfo"), "opusinfo is not here"))
  func opusinfo() throws {
    let recording = Recording(samples: babble(seconds: 1.5, rate: 22_050), rate: 22_050)
    let path = try workshop.put("a.opus", try Mastering().clip(recording, tags: anyTags, serial: 77).bytes)
    let words = try workshop.run("opusinfo", [path])
    #expect(!words.lowercased().contains("warning"), "\(words)")
    for line in [
      "TITLE=You are safe here", "ARTIST=f1", "LANGUAGE=en", "FIRSTWORD_PROMPT=safe-here", "FIRSTWORD_STATUS=DRAFT",
      "FIRSTWORD_SYNTHETIC=yes", "Playback gain: 0 dB", "Channels: 1", "20.0ms (max),   20.0ms (avg),   20.0ms (min)",
      "serial: 0000004d",
    ] {
      #expect(words.contains(line), "\(line) is not in\n\(words)")
    }
  }

  @Test(
    "is decoded to the frames that opusdec decodes", .enabled(if: Workshop.has("opusdec"), "opusdec is not here"))
  func opusdec() throws {
    let recording = Recording(samples: babble(seconds: 3, rate: 22_050), rate: 22_050)
    let clip = try Mastering().clip(recording, tags: anyTags, serial: 77).bytes
    let (path, raw) = (try workshop.put("a.opus", clip), workshop.path + "/a.raw")
    try workshop.run("opusdec", ["--quiet", "--no-dither", "--rate", "48000", path, raw])
    let theirs = try Files.read(raw)
    let ours = try ClipDecoder.decode(clip)
    #expect(theirs.count == 2 * ours.count)
    for (index, frame) in ours.enumerated() {
      let other = Int(
        Int16(littleEndian: Int16(theirs[2 * index]) | Int16(truncatingIfNeeded: Int(theirs[2 * index + 1]) << 8)))
      // A half may be rounded either way.
      if abs(Int(frame) - other) > 1 {
        Issue.record("frame \(index) is \(frame), and \(other) by opusdec")
        return
      }
    }
  }

  @Test("is not made of silence")
  func silent() {
    #expect(throws: MasteringError.silent(peak: -.infinity)) {
      try Mastering().clip(
        Recording(samples: silence(seconds: 1, rate: 48_000), rate: 48_000), tags: anyTags, serial: 1)
    }
    let faint = noise(seconds: 1, rate: 48_000, amplitude: 0.0001)
    #expect(throws: MasteringError.self) {
      try Mastering().clip(Recording(samples: faint, rate: 48_000), tags: anyTags, serial: 1)
    }
  }

  @Test(
    "a burst that the codec raises is attenuated, and the rest keeps its level",
    .enabled(if: Workshop.has("espeak-ng"), "espeak-ng is not installed: Hardware/setup installs it"))
  func burst() throws {
    let workshop = try Workshop()
    let path = "\(workshop.path)/burst.wav"
    // The codec raises this voice's first breath by 1.5 dB, however low it is limited.
    try workshop.run(
      "espeak-ng", ["-v", "en-gb+f2", "-s", "140", "-w", path, "I am sorry. I will try another language."])
    let clip = try Mastering().clip(try Recording(path: path), tags: anyTags, serial: 1)
    #expect(clip.loudness.peak <= -1.5)
    #expect(abs(clip.loudness.level + 16) < 0.5)
  }
}
