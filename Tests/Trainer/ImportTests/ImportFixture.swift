import Catalogue
import Foundation
import Import
import KitBuilder
import Posix
import Project
import TestSupport
import Testing

/// A project with the catalogue of this repository, and a directory of files to import. `deinit` removes both.
final class ImportFixture {
  let directory: String
  var project: String { "\(directory)/p" }
  var given: String { "\(directory)/given" }

  /// The repository's directory.
  static let catalogue = SourceTree.path

  init(_ languages: [String], prompts: [String] = [], speakers: String? = nil) throws {
    directory = FileManager.default.temporaryDirectory.path + "/firstword-import-\(UUID().uuidString.prefix(8))"
    try Files.makeDirectory(given)
    try Files.makeDirectory("\(project)/recordings")
    let text = ProjectFile.text(name: "p", languages: languages, prompts: prompts)
    try Files.create("\(project)/\(ProjectFile.name)", with: Array(text.utf8))
    if let speakers { try Files.create("\(project)/\(Speakers.name)", with: Array(speakers.utf8)) }
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  func workspace() throws -> Workspace {
    try Workspace(directory: project, catalogue: Self.catalogue, day: "2026-05-01", memory: Self.memory)
  }

  /// What was read of the catalogue: the tests of this module read it once.
  static let memory = CatalogueMemory()

  /// Writes a voice-like buzz, different for each number.
  @discardableResult
  func put(_ name: String, sound: Int = 1, seconds: Double = 1.2) throws -> String {
    try put(name, Self.wave(Self.buzz(seed: sound, seconds: seconds)))
  }

  @discardableResult
  func put(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = "\(given)/\(name)"
    try Files.makeDirectory(Path(path).parent)
    try Files.create(path, with: bytes)
    return path
  }

  /// Runs a program in the directory of the files to import.
  @discardableResult
  func run(_ program: String, _ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: given)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  func plan(
    from place: String? = nil, _ change: (inout ImportOptions) throws -> Void = { _ in }
  ) throws -> (plan: ImportPlan, source: Source) {
    var options = ImportOptions()
    try change(&options)
    let imports = try ImportLedger.read("\(project)/\(ImportLedger.name)")
    let source = try Source(place ?? given, except: [project])
    return (try ImportPlanner(try workspace(), imports: imports, options: options).plan(source), source)
  }

  /// Plans and carries out an import.
  @discardableResult
  func bring(
    from place: String? = nil, _ change: (inout ImportOptions) throws -> Void = { _ in }
  ) throws -> [ImportRecord] {
    let (plan, source) = try plan(from: place, change)
    return try ImportTransaction(project).carryOut(plan, source, day: "2026-05-01") { _ in }
  }

  /// The files in the project with their sizes; -1 for directories.
  var content: [String: Int] {
    let files = FileManager.default.enumerator(atPath: project)?.compactMap { $0 as? String } ?? []
    return Dictionary(
      uniqueKeysWithValues: files.map { name in
        (name, Files.isDirectory("\(project)/\(name)") ? -1 : (try? Files.read("\(project)/\(name)").count) ?? -2)
      })
  }

  static func has(_ program: String) -> Bool { Files.exists("/usr/bin/\(program)") }

  static let rate = 16_000

  /// Returns a buzz with syllables, different for each seed, between silences.
  static func buzz(seed: Int, seconds: Double) -> [Float] {
    let count = Int(seconds * Double(rate))
    let edge = rate / 5
    return (0..<count + 2 * edge).map { index in
      let time = Double(index - edge) / Double(rate)
      guard (0..<count).contains(index - edge) else { return 0 }
      let syllable = 0.6 + 0.4 * sin(2 * .pi * 3 * time + Double(seed))
      var sum = 0.0
      for harmonic in 1...12 {
        let weight = 0.5 + 0.5 * sin(Double(seed * harmonic) + 2 * .pi * 0.7 * time)
        sum += weight * cos(2 * .pi * 130 * Double(harmonic) * time + Double(harmonic * harmonic)) / Double(harmonic)
      }
      return Float(0.12 * syllable * sum)
    }
  }

  /// Returns a RIFF WAVE file with 16 bits, mono.
  static func wave(_ samples: [Float]) -> [UInt8] {
    func little(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let data = samples.flatMap { little(Int((max(-1, min(1, $0)) * 32_767).rounded()), 2) }
    return Array("RIFF".utf8) + little(36 + data.count, 4) + Array("WAVEfmt ".utf8) + little(16, 4) + little(1, 2)
      + little(1, 2) + little(rate, 4) + little(rate * 2, 4) + little(2, 2) + little(16, 2) + Array("data".utf8)
      + little(data.count, 4) + data
  }
}
