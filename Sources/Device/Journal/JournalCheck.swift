/// Verifies the chain of a journal and reports each line that does not fit.
///
/// A line that is not as it was written is reported, and nothing in it is used: the lines around it are compared with
/// each other.
struct JournalCheck {
  private(set) var findings: [JournalReading.Finding] = []
  private(set) var remarks: [JournalReading.Finding] = []
  private let lines: [JournalReading.Line]
  /// By number of a line: the index of the first whole line with it.
  private var places: [Int: Int] = [:]
  /// The numbers of all whole lines, ascending.
  private let numbers: [Int]

  init(_ lines: [JournalReading.Line]) {
    self.lines = lines
    for (index, line) in lines.enumerated() where line.isWhole {
      if let number = line.entry?.number, places[number] == nil { places[number] = index }
    }
    numbers = places.keys.sorted()
  }

  /// Returns whether a whole line has a number from `first` to `last`. A binary search: the span can be of any length.
  private func hasLine(from first: Int, to last: Int) -> Bool {
    var (low, high) = (0, numbers.count)
    while low < high {
      let middle = (low + high) / 2
      if numbers[middle] < first { low = middle + 1 } else { high = middle }
    }
    return low < numbers.count && numbers[low] <= last
  }

  /// The previous line.
  private struct Before {
    /// Its number, or the number that it must have had.
    var number: Int
    var hash: String
    /// Whether the line is whole, or its damage is explained.
    var isTrusted: Bool
    /// SHA-256 of the last whole line.
    var wholeHash: String
  }

  /// Verifies all lines.
  mutating func run() {
    var before: Before?
    for index in lines.indices {
      let line = lines[index]
      guard line.isWhole, let entry = line.entry else {
        let isTorn = isExplained(index)
        let number = (before?.number ?? 0) + 1
        if isTorn {
          remark(line, "line \(number) was torn, as by a power cut; nothing of it can be read")
        } else {
          find(line, unsound(line, number))
        }
        before = Before(
          number: number, hash: line.hash, isTrusted: isTorn,
          wholeHash: before?.wholeHash ?? JournalEntry.firstPrevious)
        continue
      }
      if let before {
        compare(line, entry, with: before)
      } else {
        begin(line, entry)
      }
      before = Before(number: entry.number, hash: line.hash, isTrusted: true, wholeHash: line.hash)
    }
  }

  /// Returns whether a torn line is explained: it is the last one, or the daemon reported it after its restart.
  private func isExplained(_ index: Int) -> Bool {
    let next = lines[(index + 1)...].first
    guard let next else { return !lines[index].isClosed }
    guard next.isWhole, let entry = next.entry, case .torn = entry.event else { return false }
    return entry.previous == lines[index].hash
  }

  private func unsound(_ line: JournalReading.Line, _ number: Int) -> String {
    let what = line.entry == nil ? "cannot be read" : "is not as it was written"
    return "line \(number) \(what): it was changed, or put there"
  }

  /// Verifies the first line of all.
  private mutating func begin(_ line: JournalReading.Line, _ entry: JournalEntry) {
    if entry.number == 1 {
      if entry.previous != JournalEntry.firstPrevious { find(line, "line 1 names a line before it") }
      return
    }
    let last = entry.number - 1
    let isExplained = lines.contains { line in
      guard line.isWhole, case .removed(let removed) = line.entry?.event else { return false }
      return removed.through == last && removed.hash == entry.previous
    }
    if isExplained {
      remark(line, "lines 1 to \(last) were removed by the device's own policy, and a line says so")
    } else {
      find(
        line,
        "\(Self.range(1, last)) missing, and no line says that the device removed them; name the files before this one too"
      )
    }
  }

  private mutating func compare(_ line: JournalReading.Line, _ entry: JournalEntry, with before: Before) {
    let (number, due) = (entry.number, before.number + 1)
    if !before.isTrusted {
      // The bad line replaced a line, or was inserted between two.
      if number == due { return }
      if number == before.number, entry.previous == before.wholeHash {
        return find(line, "the line before does not belong here: it was put between lines \(number - 1) and \(number)")
      }
    }
    if number == due {
      if entry.previous != before.hash {
        find(line, "line \(number) does not fit the line before: one of them was exchanged for another")
      }
    } else if number > due {
      find(
        line,
        hasLine(from: due, to: number - 1)
          ? "line \(number) stands where line \(due) should: lines were moved"
          : "\(Self.range(due, number - 1)) missing before line \(number)")
    } else if let first = places[number], lines[first].file != line.file || lines[first].place != line.place {
      find(line, "line \(number) is there twice: first in \(lines[first].file):\(lines[first].place)")
    } else {
      find(line, "line \(number) stands where line \(due) should: lines were moved")
    }
  }

  private static func range(_ first: Int, _ last: Int) -> String {
    first == last ? "line \(first) is" : "lines \(first) to \(last) are"
  }

  private mutating func find(_ line: JournalReading.Line, _ what: String) {
    findings.append(.init(file: line.file, place: line.place, what: what))
  }

  private mutating func remark(_ line: JournalReading.Line, _ what: String) {
    remarks.append(.init(file: line.file, place: line.place, what: what))
  }
}
