variable "name" {
  type = string
}

resource "terraform_data" "acquire" {
  provisioner "local-exec" {
    command = "rs-lock acquire --owner ${var.name} --timeout 4s"
  }
}

resource "terraform_data" "workgroup" {
  input = terraform_data.acquire.id
  provisioner "local-exec" {
    command = "echo ${var.name} >>made"
  }
}

resource "terraform_data" "release" {
  input = terraform_data.workgroup.id
  provisioner "local-exec" {
    command = "rs-lock release --owner ${var.name}"
  }
}
