import Glibc
import Posix
import Testing

@testable import KitBuilder

@Suite("A recording")
struct RecordingTests {
  let workshop: Workshop
  init() throws { workshop = try Workshop() }

  private func failure(_ path: String) -> RecordingError? {
    do throws(RecordingError) {
      _ = try Recording(path: path)
      return nil
    } catch { return error }
  }

  @Test("is read at its own rate", arguments: [8_000, 22_050, 44_100, 48_000, 96_000, 192_000])
  func rates(rate: Int) throws {
    let path = try workshop.put("a.wav", wave([tone(440, seconds: 0.25, rate: rate)], rate: rate))
    let recording = try Recording(path: path)
    #expect(recording.rate == rate)
    #expect(recording.samples.count == rate / 4)
    #expect(recording.mixdown == .mono)
    #expect(!recording.synthetic)
    #expect(abs(recording.duration - 0.25) < 0.001)
  }

  @Test("in floats may exceed full scale")
  func floats() throws {
    let path = try workshop.put("a.wav", wave([[0, 1.5, -2, 0.25]], rate: 48_000, float: true))
    #expect(try Recording(path: path).samples == [0, 1.5, -2, 0.25])
  }

  @Test("carries the SHA-256 of its file")
  func digest() throws {
    let path = try workshop.put("a.wav", wave([tone(440, seconds: 1, rate: 48_000)], rate: 48_000))
    let expected = try workshop.run("sha256sum", [path]).prefix(64)
    #expect(try Recording(path: path).sha256 == expected)
  }

  @Test("of two equal channels keeps its level, and so does one with a dead channel")
  func channels() throws {
    let sound = tone(440, seconds: 0.5, rate: 44_100)
    let dead = noise(seconds: 0.5, rate: 44_100, amplitude: 0.0005).map { $0 + 0.02 }
    let expected: [([[Float]], Recording.Mixdown)] = [
      ([sound, sound], .both), ([sound, dead], .left), ([dead, sound], .right),
      ([sound, sound.map { -$0 }], .outOfPhase),
    ]
    for (channels, mixdown) in expected {
      let recording = try Recording(path: try workshop.put("a.wav", wave(channels, rate: 44_100)))
      #expect(recording.mixdown == mixdown)
      #expect(recording.channels == 2)
      #expect(abs(decibels(power: recording.samples.variance / sound.variance)) < 0.01, "\(mixdown)")
    }
  }

  @Test("that is missing is reported as missing")
  func missing() {
    let error = failure("\(workshop.path)/none.wav")
    #expect(error?.code == "missing")
    #expect(error?.description == "cannot read: No such file or directory")
  }

  @Test("without bytes, or without frames, is empty")
  func empty() throws {
    #expect(failure(try workshop.put("a.wav", [])) == .empty)
    #expect(failure(try workshop.put("b.wav", wave([[]], rate: 48_000))) == .empty)
  }

  @Test("whose header is truncated is truncated", arguments: [13, 20, 35, 43])
  func truncatedHeader(count: Int) throws {
    let whole = wave([tone(440, seconds: 0.1, rate: 48_000)], rate: 48_000)
    #expect(failure(try workshop.put("a.wav", Array(whole.prefix(count))))?.code == "truncated")
  }

  @Test(
    "whose sound is truncated is reported so in every format", .enabled(if: Workshop.has("sox"), "sox is not here"),
    arguments: ["wav", "aiff", "flac", "ogg", "au"])
  func truncatedData(format: String) throws {
    let wav = try workshop.put("a.wav", wave([noise(seconds: 2, rate: 48_000, amplitude: 0.3)], rate: 48_000))
    let path = "\(workshop.path)/b.\(format)"
    try workshop.run("sox", [wav, path])
    let whole = try Files.read(path)
    #expect(failure(path) == nil)
    let half = failure(try workshop.put("c.\(format)", Array(whole.prefix(whole.count * 2 / 3))))
    // In the au format the length can be unknown.
    #expect(
      half.map { ["truncated", "not-sound"].contains($0.code) } ?? (format == "au"), "\(String(describing: half))")
  }

  @Test("written to a pipe, with an unknown length, is complete")
  func unknownLength() throws {
    let bytes = wave([tone(440, seconds: 0.5, rate: 48_000)], rate: 48_000, promisedBytes: 0x7FFF_F000)
    #expect(try Recording(path: try workshop.put("a.wav", bytes)).samples.count == 24_000)
  }

  @Test("whose metadata exceeds the file is refused without a long search")
  func hugeMetadata() throws {
    var bytes = wave([tone(440, seconds: 0.1, rate: 48_000)], rate: 48_000)
    bytes += Array("LIST".utf8) + [16, 0, 0, 0] + Array("INFOICMT".utf8) + [0xF0, 0xFF, 0xFF, 0x7F] + [0, 0, 0, 0]
    #expect(failure(try workshop.put("a.wav", bytes))?.code == "truncated")
  }

  @Test("that is a text file is not recognised")
  func text() throws {
    #expect(failure(try workshop.put("a.wav", Array("These are words.\n".utf8)))?.code == "not-sound")
  }

  @Test("that is not recognised closes no descriptor but its own, while others are read")
  func strange() throws {
    let path = try workshop.put("a.wav", Array(String(repeating: "no sound at all ", count: 20).utf8))
    // Other threads open and close descriptors.
    let lost = Workers.map(4, threads: 4) { number in
      (0..<500).reduce(0) { lost, _ in
        if number < 2 { return (try? Recording(path: path)) == nil ? lost : lost + 1 }
        let answer = Result { () throws(SystemError) in
          let file = try FileDescriptor(opening: path, O_RDONLY)
          sched_yield()
          return try file.byte(at: 0)
        }
        return (try? answer.get()) == UInt8(ascii: "n") ? lost : lost + 1
      }
    }
    #expect(lost == [0, 0, 0, 0])
  }

  @Test("is refused at once if it is a directory, a FIFO or a device")
  func notAFile() throws {
    let directory = "\(workshop.path)/a.wav"
    try Files.makeDirectory(directory)
    #expect(failure(directory) == .notAFile)
    let fifo = "\(workshop.path)/b.wav"
    #expect(mkfifo(fifo, 0o600) == 0)
    #expect(failure(fifo) == .notAFile)
    #expect(failure("/dev/zero") == .notAFile)
  }

  @Test("that is a loop of links is unreadable")
  func loop() throws {
    let path = "\(workshop.path)/a.wav"
    #expect(symlink("a.wav", path) == 0)
    #expect(failure(path)?.code == "unreadable")
  }

  @Test("without read permission is unreadable", .enabled(if: geteuid() != 0, "root may read everything"))
  func forbidden() throws {
    let path = try workshop.put("a.wav", wave([tone(440, seconds: 0.1, rate: 48_000)], rate: 48_000))
    #expect(chmod(path, 0) == 0)
    #expect(failure(path) == .system(SystemError("open", path: path, code: EACCES)))
  }

  @Test("that is too long, has too many channels or an unsupported rate is refused with the reason")
  func bounds() throws {
    let long = silence(seconds: 61, rate: 8_000)
    #expect(failure(try workshop.put("a.wav", wave([long], rate: 8_000))) == .tooLong(seconds: 61))
    let short: [Float] = [0, 0.1, 0.2]
    #expect(failure(try workshop.put("b.wav", wave([short, short, short], rate: 48_000))) == .channels(3))
    #expect(failure(try workshop.put("c.wav", wave([short], rate: 4_000))) == .rate(4_000))
    #expect(failure(try workshop.put("d.wav", wave([short], rate: 384_000))) == .rate(384_000))
  }

  @Test("that contains a NaN or an infinity is refused", arguments: [Float.nan, .infinity, -.infinity])
  func notANumber(value: Float) throws {
    let path = try workshop.put("a.wav", wave([[0, 0, value, 0]], rate: 48_000, float: true))
    #expect(failure(path) == .notANumber(frame: 2))
  }

  @Test("whose floats are integers is refused")
  func scale() throws {
    let path = try workshop.put("a.wav", wave([[0, 1_000, -20_000, 3]], rate: 48_000, float: true))
    #expect(failure(path) == .scale(highest: 20_000))
  }
}
