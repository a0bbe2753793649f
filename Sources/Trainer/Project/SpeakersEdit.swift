import Catalogue
import Diagnostics
import Posix

extension Speakers {
  /// Adds an entry to the end of the file, which is made if there is none. The rest of the file does not change, and
  /// the file is replaced atomically. The caller holds the project's lock.
  ///
  /// - Parameters:
  ///   - entry: the entry; its file and line do not matter.
  ///   - path: the file.
  ///   - tags: the tags of all languages of the catalogue.
  /// - Throws: ``DiagnosticsError`` if the entry is not valid or its voice is taken, if the file cannot be read or
  ///   written, or if its list has a form that cannot be edited.
  public static func add(_ entry: Speaker, to path: String, tags: [String]) throws(DiagnosticsError) {
    let speakers = try read(path, tags: tags)
    var bytes = Array(template.utf8)
    if Files.exists(path) {
      do throws(SystemError) { bytes = try Files.read(path, limit: YAMLFile.limit) } catch {
        throw DiagnosticsError([.unreadable(path, error)])
      }
    }
    let lines = entry.lines
    if let fault = lines.fault {
      throw DiagnosticsError(
        path: path, message: "\(fault) has a line break or a control character", remedy: "write it on one line")
    }
    // Its own faults, by the rules of the file.
    let log = DiagnosticLog()
    let alone = YAMLFile.parse(
      Array("speakers:\n\(lines.text(indentation: "  "))".utf8), file: path, log: log)
    let parsed = alone.flatMap { Speakers($0, tags: tags) }
    if !log.diagnostics.isEmpty || parsed?.all.count != 1 {
      throw DiagnosticsError(
        log.diagnostics.map { fault in
          var fault = fault
          fault.line = nil
          return fault
        })
    }
    if let other = speakers.speaker(of: entry.language, voice: entry.voice) {
      throw DiagnosticsError(
        path: path, message: "\(entry.language)/\(entry.voice) is the voice of '\(other.pseudonym)'",
        remedy: "give each speaker a different voice, such as f2")
    }
    let edited = Self.edited(bytes, with: lines)
    let expected = speakers.all.map(\.withoutPlace) + [entry.withoutPlace]
    let result = edited.flatMap { YAMLFile.parse($0, file: path, log: DiagnosticLog()) }.flatMap {
      Speakers($0, tags: tags)
    }
    guard let edited, result?.all.map(\.withoutPlace) == expected else {
      throw DiagnosticsError(
        path: path, message: "the list of speakers has a form that cannot be edited",
        remedy: "add '\(entry.pseudonym)' to it yourself, in a text editor")
    }
    do throws(SystemError) { try Files.replace(path, with: edited) } catch {
      throw DiagnosticsError(
        path: path, message: "cannot be written: \(error.cause)", remedy: "nothing was changed; try again")
    }
  }

  /// Returns the file with an entry at its end; nil if the list is in flow style, or if there is none.
  private static func edited(_ file: [UInt8], with entry: EntryLines) -> [UInt8]? {
    var lines = file.split(separator: 0x0A, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    guard let head = lines.firstIndex(where: { $0.hasPrefix("speakers:") }) else { return nil }
    let rest = lines[head].dropFirst("speakers:".count)
    let value = rest.prefix { $0 != "#" }.filter { !$0.isWhitespace }
    if value == "[]" {
      let comment = rest.contains("#") ? "  " + rest.drop { $0 != "#" } : ""
      lines[head] = "speakers:\(comment)" + (comment.isEmpty && rest.last == "\r" ? "\r" : "")
    } else if !value.isEmpty {
      return nil
    }
    let dash = lines[(head + 1)...].first { $0.drop { $0 == " " }.first == "-" }
    let indentation = dash.map { String($0.prefix { $0 == " " }) } ?? "  "
    // After the last entry, and before comments and empty lines that follow it.
    let last = lines.lastIndex { line in
      let text = line.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
      return !text.isEmpty && text.first != "#"
    }
    var text = entry.text(indentation: indentation)
    if lines[head].hasSuffix("\r") { text = text.split(separator: "\n").map { $0 + "\r\n" }.joined() }
    let place = max(head, last ?? head) + 1
    let before = lines[..<place].joined(separator: "\n") + "\n"
    return Array((before + text + lines[place...].joined(separator: "\n")).utf8)
  }
}

/// An entry as lines of YAML.
private struct EntryLines {
  let pairs: [(key: String, value: String)]
  /// The first key whose value cannot be on one line.
  let fault: String?

  /// Returns the lines; the dash is after the indentation.
  func text(indentation: String) -> String {
    pairs.enumerated().map { index, pair in
      "\(indentation)\(index == 0 ? "- " : "  ")\(pair.key): \(pair.value)\n"
    }.joined()
  }
}

extension Speaker {
  fileprivate var withoutPlace: Speaker {
    var speaker = self
    (speaker.file, speaker.line) = ("", 0)
    return speaker
  }

  fileprivate var lines: EntryLines {
    func quoted(_ text: String) -> String {
      var quoted = ""
      for character in text.unicodeScalars {
        if character == "\"" || character == "\\" { quoted += "\\" }
        quoted.unicodeScalars.append(character)
      }
      return "\"\(quoted)\""
    }
    var pairs = [("pseudonym", quoted(pseudonym)), ("language", quoted(language)), ("voice", quoted(voice))]
    if isForChildren { pairs.append(("child-friendly", "true")) }
    pairs += [("consent", quoted(consent)), ("licence", quoted(licence)), ("contact", quoted(contact))]
    if let withdrawn { pairs.append(("withdrawn", quoted(withdrawn))) }
    if let key { pairs.append(("key", quoted(key))) }
    if let withdrawal { pairs.append(("withdrawal", quoted(withdrawal))) }
    let control = pairs.first { pair in
      pair.1.unicodeScalars.contains {
        [.control, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
      }
    }
    return EntryLines(pairs: pairs.map { (key: $0.0, value: $0.1) }, fault: control.map { "'\($0.0)'" })
  }
}
