// Plays samples of the practice's card as they arrive. It waits until some are there, so that a late one makes no hole.
class CardOutput extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super()
    this.lead = processorOptions.lead
    this.most = 4 * this.lead
    this.parts = []
    this.queued = 0
    this.offset = 0
    this.isOpen = false
    this.isPlaying = false
    this.arrived = 0
    this.played = 0
    this.gaps = 0
    this.turns = 0
    this.port.onmessage = ({ data }) => {
      this.isOpen = data.isOpen
      if (data.samples.length === 0) return
      if (this.queued === 0) this.arrived = currentTime
      this.parts.push(data.samples)
      this.queued += data.samples.length
    }
  }

  process(_, [[output]]) {
    if (!this.isPlaying && this.queued > 0 && (this.queued >= this.lead || !this.isOpen
      || (currentTime - this.arrived) * sampleRate >= this.lead)) this.isPlaying = true
    let index = 0
    while (this.isPlaying && index < output.length && this.queued > 0) {
      const part = this.parts[0]
      const count = Math.min(output.length - index, part.length - this.offset)
      for (let step = 0; step < count; step += 1) output[index + step] = part[this.offset + step] / 32768
      index += count
      this.offset += count
      this.queued -= count
      if (this.offset === part.length) {
        this.parts.shift()
        this.offset = 0
      }
    }
    this.played += index
    if (this.isPlaying && index < output.length) {
      // The card went on, and its frames are late: from now on the sound waits longer.
      if (this.isOpen) {
        this.gaps += 1
        this.lead = Math.min(this.most, this.lead * 1.5)
      }
      this.isPlaying = false
    }
    this.turns += 1
    if (this.turns % 16 === 0) this.port.postMessage({ played: this.played, gaps: this.gaps, lead: this.lead })
    return true
  }
}

registerProcessor("card-output", CardOutput)
