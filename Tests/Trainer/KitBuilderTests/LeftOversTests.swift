import Foundation
import Glibc
import Posix
import Testing

@testable import KitBuilder

@Suite("What a killed program leaves")
struct LeftOversTests {
  @Test("half-written files and takes of ended processes are removed; the user's files, open ones and links stay")
  func tidied() throws {
    let place = try Files.makeTemporaryDirectory("firstword-left")
    defer { try? FileManager.default.removeItem(atPath: place.string) }
    for directory in ["p/Languages", "p/reviewers", "p/kits", "p/recordings/ro/f1", "p/takes/ro/f1", "p/mine", "away"] {
      try Files.makeDirectory(place.appending(directory))
    }
    // A process that has ended.
    let ended = Process()
    ended.executableURL = URL(fileURLWithPath: "/bin/true")
    try ended.run()
    ended.waitUntilExit()
    let gone = ended.processIdentifier
    let left = [
      "p/kit.yaml.part", "p/Languages/ro.yaml.part", "p/reviewers/0123.pub.part", "p/kits/p.kit.part",
      "p/recordings/ro/f1/03-safe-here.wav.part", "p/recordings/ro/f1/.03-safe-here.\(gone).wav",
      "p/recordings/ro/f1/.03-safe-here.\(gone).wav.part", "p/takes/ro/f1/03-safe-here.1.wav.part",
    ]
    let kept = [
      "p/kit.yaml", "p/Languages/ro.yaml~", "p/mine/book.yaml.part", "p/letter.part", "p/recordings/ro/f1/.hidden.wav",
      "p/recordings/ro/f1/.03-safe-here.\(getpid()).wav", "p/recordings/ro/f1/03-safe-here.wav", "away/kit.yaml.part",
      "p/kits/open.kit.part",
    ]
    for name in left + kept { try Files.create(place.appending(name), with: [1]) }
    symlink(place.appending("away").string, place.appending("p/Prompts").string)
    symlink("kit.yaml", place.appending("p/speakers.yaml.part").string)
    let open = try FileDescriptor(opening: place.appending("p/kits/open.kit.part"), O_RDONLY)
    LeftOvers.remove(from: place.appending("p").string)
    for name in left { #expect(!Files.exists(place.appending(name)), "\(name)") }
    for name in kept { #expect(Files.exists(place.appending(name)), "\(name)") }
    #expect(Files.exists(place.appending("p/speakers.yaml.part")))
    withExtendedLifetime(open.raw) {}
  }
}
