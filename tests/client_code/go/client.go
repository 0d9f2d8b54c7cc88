// A client of net/http that knows nothing of an emulator: it calls a URL with a key.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

func main() {
	request, _ := http.NewRequest("GET", os.Args[1], nil)
	request.Header.Set("X-API-Key", os.Args[2])
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer reply.Body.Close()
	var body struct{ Success bool }
	if err := json.NewDecoder(reply.Body).Decode(&body); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(reply.StatusCode, body.Success)
}
