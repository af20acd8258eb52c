# The obvious shape, which does not work: see examples/terraform/fleet.
variable "consumer_count" {
  type = number
}

variable "patience" {
  type = string
}

resource "terraform_data" "acquire" {
  count = var.consumer_count
  provisioner "local-exec" {
    command = "rs-lock acquire --owner consumer-${count.index} --timeout ${var.patience}"
  }
}

resource "terraform_data" "workgroup" {
  count = var.consumer_count
  input = terraform_data.acquire[count.index].id
  provisioner "local-exec" {
    command = "echo made >>made"
  }
}

resource "terraform_data" "release" {
  count = var.consumer_count
  input = terraform_data.workgroup[count.index].id
  provisioner "local-exec" {
    command = "rs-lock release --owner consumer-${count.index}"
  }
}
