import Diagnostics
import Encoding
import Glibc
import Kit
import KitBuilder
import Pages
import Posix

/// A new pair of keys, for the person who saves both.
struct KeyPairView: Encodable {
  var id: String
  /// The content of the two files.
  var secret: String
  var publicKey: String

  enum CodingKeys: String, CodingKey {
    case id, secret
    case publicKey = "public"
  }
}

/// A kit in the directory `kits` of a project.
struct KitView: Encodable, Sendable {
  var file: String
  var bytes: Int
  /// When the file was written.
  var written: WallTime
  var name: String?
  var version: String?
  var draft: Bool?
  /// The SHA-256 of its kit.json, which identifies the kit.
  var sha256: String?
  var languages: Int?
  var clips: Int?
  /// The ids of the keys that claim to have signed it.
  var signers: [String]?
  /// Why it cannot be read.
  var problem: String?

  /// Reads a kit; nil if the file has gone.
  init?(_ file: String, path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.file = file
    bytes = Int(status.st_size)
    written = WallTime(milliseconds: Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000)
    do throws(KitError) {
      let kit = try KitFile(path: path)
      name = kit.manifest.name
      version = kit.manifest.version
      draft = kit.manifest.draft
      sha256 = kit.sha256
      languages = kit.bundles.count
      clips = kit.clipCount
      signers = kit.claimedSigners.map(\.key.description)
    } catch { problem = "\(error)" }
  }
}

/// The kits of a project.
struct KitsView: Encodable {
  var directory: String
  /// Name and version that the next kit has.
  var name: String
  var version: String
  /// The device's own lines; nil if it plays tones.
  var lines: DeviceLinesView?
  var kits: [KitView]
  /// The ids of the keys by which kits are verified without further ado.
  var known: [String]
  /// The build that runs.
  var job: JobBoard.Job?
  /// The outcome of the last build since the program started.
  var last: BuildView?
}

/// The outcome of a build, or of a look at what a build would refuse.
struct BuildView: Encodable, Sendable {
  var at: WallTime
  var release: Bool
  var partial: Bool
  /// Whether only a look was wanted.
  var dryRun: Bool
  /// The file in `kits`; nil if none was written.
  var file: String?
  var draft: Bool?
  /// How many clips were verified after writing.
  var verified: Int?
  /// The id of the key that signed it.
  var signer: String?
  /// Why there is no kit; of a draft, what a release still needs.
  var findings: [CheckFinding]
  /// What a person should know of the kit that was built.
  var remarks: [String] = []
}

/// Whether a kit is whole, and signed by a trusted key.
struct VerificationView: Encodable {
  var file: String
  var whole: Bool
  /// Trusted keys that signed it.
  var signers: [String] = []
  var comment: String?
  var clips: Int?
  /// What is wrong, one line each.
  var faults: [String] = []
}

/// Two kits side by side.
struct ComparisonView: Encodable {
  var before: Side
  var after: Side
  var changes: [KitDiff.Change]
  var groups: [Group]

  struct Side: Encodable {
    var file: String
    var name: String
    var draft: Bool
  }

  struct Group: Encodable {
    var tag: String
    var english: String
    var autonym: String
    var direction: String
    var pairs: [Pair]
  }

  struct Pair: Encodable {
    var number: Int
    var item: String
    var voice: String
    var title: String
    var marks: [String]
    var before: Sound?
    var after: Sound?
    /// Whether both sound alike.
    var same: Bool
  }

  struct Sound: Encodable {
    var text: String
    var back: String?
    var seconds: Double
    var loudness: Double
    var status: String
    var synthetic: Bool

    init(_ clip: Clip) {
      text = clip.text
      back = clip.back.isEmpty ? nil : clip.back
      seconds = (Double(clip.frames) / 48_000).roundedToTenths
      loudness = clip.loudness.roundedToTenths
      status = clip.status.rawValue
      synthetic = clip.synthetic
    }
  }

  init(_ comparison: KitComparison, before: String, after: String) {
    func side(_ file: String, _ kit: KitManifest) -> Side {
      Side(file: file, name: "\(kit.name) \(kit.version)", draft: kit.draft)
    }
    self.before = side(before, comparison.old.manifest)
    self.after = side(after, comparison.new.manifest)
    changes = comparison.diff.changes
    groups = comparison.groups.map { group in
      Group(
        tag: group.bundle.tag, english: group.bundle.english, autonym: group.bundle.autonym,
        direction: group.bundle.direction.rawValue,
        pairs: group.pairs.map { pair in
          let clip = pair.change
          return Pair(
            number: clip.number, item: clip.prompt, voice: clip.voice, title: pair.title, marks: clip.marks,
            before: clip.before.map(Sound.init), after: clip.after.map(Sound.init), same: pair.soundsAlike)
        })
    }
  }
}

/// What can be chosen for the cards of a kit.
struct CardChoices: Encodable {
  var file: String
  var name: String
  var version: String
  var draft: Bool
  var kinds = PrintedCard.Kind.allCases.map(\.rawValue)
  var papers = PrintedCard.Paper.allCases.map(\.rawValue)
  var boards: [String]
  var languages: [Language]
  var answers: [String]
  /// The languages in which the cards can be written, and the usual one.
  var readers: [String]
  var reader: String
  /// Whether this machine prints PDF.
  var pdf: Bool

  struct Language: Encodable {
    var tag: String
    var english: String
    var autonym: String
    var direction: String
  }

  init(_ kit: KitFile, file: String, boards: [String]) {
    self.file = file
    self.boards = boards
    let manifest = kit.manifest
    name = manifest.name
    version = manifest.version
    draft = manifest.draft
    answers = manifest.answers.modes.map(\.rawValue)
    readers = PrintedCard.languages(of: manifest)
    reader = PrintedCard.defaultLanguage(of: manifest)
    pdf = PDFPrinter.isInstalled
    let shown = PrintedCard(.sheet, of: manifest, sha256: kit.sha256, bundles: kit.bundles)?.bundles ?? kit.bundles
    languages = shown.map {
      Language(tag: $0.tag, english: $0.english, autonym: $0.autonym, direction: $0.direction.rawValue)
    }
  }
}
